"""Before anything is trained: a prompt with examples may be enough."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from core.actions.prompts import best_prompt, last_prompts
from core.data.dataset import DatasetVersion
from core.evaluation.prompts.spec import PromptsParams, PromptsResult
from core.evaluation.prompts.text import prompt_text
from core.evaluation.prompts.wording import prompts_lines, prompts_sentence, subject_sentence
from core.language import N_, _
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, selectable
from gui.kit.theme import Space, application
from gui.wizard.session import Session

_WHY = N_(
    "Sometimes no training is needed: five of your examples in front of the question are enough. "
    "Measuring that takes some minutes, and you can cancel it."
)


class PromptFirst(QWidget):
    """Tries prompts on the base model, and copies one with typical examples.

    Attributes:
        failed: the examples cannot be read.
        wanted: the base model is to be asked; ``params`` says what.
    """

    failed = Signal(object)
    wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = Tasks(self)
        self.shut_down = self._tasks.shut_down
        self.result: PromptsResult | None = None
        self.ask = QPushButton(_("Measure what a prompt achieves"))
        self.ask.clicked.connect(self.wanted)
        self.copy = QPushButton(_("Copy such a prompt"))
        self.copy.setProperty("kind", "link")
        self.copy.clicked.connect(self._copy)
        self._text = label(_(_WHY), "muted")
        self.found = selectable(role="strong")
        self.scores = selectable(role="small")
        self.subject = label("", "muted")
        row = Flow(self._text, self.copy, self.ask, stretch=self._text, spacing=Space.MEDIUM)
        vbox(row, self.found, self.scores, self.subject, on=self, margins=0, spacing=Space.SMALL)
        self.show_result(None)

    @property
    def params(self) -> PromptsParams:
        """What the base model is asked."""
        state = self._session.state
        return PromptsParams(dataset_version=state.dataset_version, base_model=state.base_model)

    def recall(self) -> None:
        """Show what was found before with these examples and this base model."""
        state = self._session.state
        project = self._session.require_project()
        self.show_result(last_prompts(project, state.dataset_version, state.base_model))

    def show_result(self, result: PromptsResult | None) -> None:
        """Show how far a prompt gets, or nothing."""
        self.result = result
        said = prompts_sentence(result) if result is not None else ""
        subject = subject_sentence(result) if result is not None else ""
        self.found.setText(said)
        self.scores.setText("\n".join(prompts_lines(result)) if result is not None else "")
        self.subject.setText(subject)
        for shown in (self.found, self.scores, self.subject):
            shown.setVisible(bool(shown.text()))
        self._text.setText(_(_WHY))
        self.ask.setText(
            _("Measure again") if result is not None else _("Measure what a prompt achieves")
        )
        self.copy.setText(
            _("Copy the best prompt") if result is not None else _("Copy such a prompt")
        )
        if said:
            announce(self, said)

    def _copy(self) -> None:
        project, result = self._session.require_project(), self.result
        version = self._session.state.dataset_version

        def text() -> str:
            if result is not None:
                return best_prompt(project, version, result)
            return prompt_text(DatasetVersion.load(project.version_folder(version)))

        self._tasks.start("prompt", text, self._copied, self.failed.emit)

    def _copied(self, text: str) -> None:
        application().clipboard().setText(text)
        said = _("Copied. Paste it into a chat with the base model and add a question.")
        self._text.setText(said)
        announce(self, said)
