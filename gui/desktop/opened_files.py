"""Files that a file manager hands over: a project is opened, data begin a new one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from core.project import Project
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.wizard.page import NewProject


class OpenedFiles(QObject):
    """Takes them from the command line, from a second start, and from macOS."""

    def __init__(self, app: QApplication, window: WizardWindow) -> None:
        super().__init__(window)
        self._window = window
        app.installEventFilter(self)

    def take(self, files: Sequence[Path]) -> None:
        """Open the first project among the files, else begin a new one with all of them."""
        if not files:
            return
        project = next((root for file in files if (root := project_of(file)) is not None), None)
        if project is not None:
            self._window.open_project(project)
        else:
            self._window.send(Step.START, NewProject(tuple(files)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Macs hand files over as an event."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.take([Path(event.file())])
            return True
        return super().eventFilter(watched, event)


def project_of(file: Path) -> Path | None:
    """Return the project that a folder, or its own file, stands for."""
    if Project(file).info_file.is_file():
        return file
    return file.parent if Project(file.parent).info_file == file else None
