"""What a training goes on from, where it is not the base model alone."""

from __future__ import annotations

from PySide6.QtCore import Signal

from core.planning.advice import plain
from gui.training_plan import TrainingPlan
from gui.widgets.message_bar import MessageBar

_ANEW = "Begin with the base model instead"


class MoreBar(MessageBar):
    """Names the finished training, and offers to begin anew.

    Attributes:
        base_chosen: begin with the base model alone.
    """

    base_chosen = Signal()

    def __init__(self) -> None:
        super().__init__(dismissable=False)

    def show_plan(self, plan: TrainingPlan) -> None:
        """Say what ``plan`` goes on from; hidden if it begins with the base model."""
        self.setVisible(plan.more_of is not None)
        if plan.more_of is not None:
            rate = plain(plan.config.learning_rate)
            self.say(
                "neutral",
                f"Goes on from {plan.more_of.run}; its learning rate begins at {rate} again.",
                "It learns from the examples that you use now and becomes a training of its own; "
                f"{plan.more_of.run} stays as it is.",
                actions=((_ANEW, self.base_chosen.emit),),
            )
