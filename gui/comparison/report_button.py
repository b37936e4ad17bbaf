"""Saves the report of the comparison where you say."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from core.evaluation.report.page import write_report
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.wizard.session import Session


class ReportButton(QPushButton):
    """Asks for a file and writes the report of the compared run.

    Attributes:
        failed: it could not be written.
    """

    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(_("Save the report …"), parent)
        self._session = session
        self._tasks = Tasks(self)
        self.shut_down = self._tasks.shut_down
        self.clicked.connect(self._save)

    def _save(self) -> None:
        project, run = self._session.require_project(), self._session.finished_run()
        if run is None:
            return
        place = str(Path.home() / f"{project.name}-{run.name}.html")
        kind = f"{_('Web page')} (*.html)"
        name, _kind = QFileDialog.getSaveFileName(self, self.text(), place, kind)
        if not name:
            return
        self._tasks.start(
            "write",
            lambda: write_report(project, run, Path(name)),
            lambda _none: None,
            self.failed.emit,
        )
