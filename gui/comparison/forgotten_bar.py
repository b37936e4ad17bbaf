"""What to do where a fine-tune forgot everyday things: one button for each remedy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.jobs.spec import EvaluationResult
from core.language import _
from core.wizard import Step
from gui.kit.message_bar import MessageBar

_MUCH = 1.25  # times the perplexity of before


class ForgottenBar(MessageBar):
    """Hidden where nothing worth a remedy was forgotten.

    Attributes:
        wanted: the step where the remedy is.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, dismissable=False)
        self.hide()

    def show_evaluation(self, evaluation: EvaluationResult) -> None:
        """Offer the remedies, or hide."""
        if not has_forgotten(evaluation):
            self.hide()
            return
        self.say(
            "warning",
            _("Your model forgot some of what the base model knew."),
            _("General examples in the training mix, a lower learning rate or fewer epochs help."),
            actions=(
                (_("Mix in general examples …"), lambda: self.wanted.emit(Step.EXAMPLES)),
                (_("Change the settings …"), lambda: self.wanted.emit(Step.SETTINGS)),
            ),
        )


def has_forgotten(evaluation: EvaluationResult) -> bool:
    """Return whether everyday knowledge is surely and clearly worse than the base's."""
    for one in evaluation.differences:
        if one.against != "base" or one.task or one.word != "worse":
            continue
        if one.measure == "everyday":
            return True
        if one.measure == "everyday_perplexity" and one.after > _MUCH * one.before:
            return True
    return False
