"""Before anything is trained: a prompt with examples may be enough."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.data.dataset import DatasetVersion
from core.evaluation.prompts.text import prompt_text
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label
from gui.kit.theme import Space, application
from gui.wizard.session import Session


class PromptFirst(QWidget):
    """Copies a prompt with five typical examples.

    Attributes:
        failed: the examples cannot be read.
    """

    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = Tasks(self)
        self.shut_down = self._tasks.shut_down
        self.copy = QPushButton(_("Copy a prompt to try first"))
        self.copy.setProperty("kind", "link")
        self.copy.clicked.connect(self._copy)
        self._text = label(_("Five of your examples in a prompt may be enough."), "muted")
        row = Flow(self._text, self.copy, stretch=self._text, spacing=Space.MEDIUM)
        vbox(row, on=self, margins=0)

    def _copy(self) -> None:
        project = self._session.require_project()
        folder = project.version_folder(self._session.state.dataset_version)
        self._tasks.start(
            "prompt",
            lambda: prompt_text(DatasetVersion.load(folder)),
            self._copied,
            self.failed.emit,
        )

    def _copied(self, text: str) -> None:
        application().clipboard().setText(text)
        said = _("Copied. Paste it into a chat with the base model and add a question.")
        self._text.setText(said)
        announce(self, said)
