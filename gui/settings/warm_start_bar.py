"""What a run continues from, when it is not the base model alone."""

from __future__ import annotations

from PySide6.QtCore import Signal

from core.language import _
from core.planning.advice import plain
from gui.kit.message_bar import MessageBar
from gui.wizard.training_plan import TrainingPlan


class WarmStartBar(MessageBar):
    """Names the finished training, and offers to start from the base model.

    Attributes:
        base_chosen: start from the base model alone.
    """

    base_chosen = Signal()

    def __init__(self) -> None:
        super().__init__(dismissable=False)

    def show_plan(self, plan: TrainingPlan) -> None:
        """Say what ``plan`` continues from; hidden if it starts from the base model."""
        self.setVisible(plan.more_of is not None)
        if plan.more_of is not None:
            rate = plain(plan.config.learning_rate)
            self.say(
                "neutral",
                _(
                    "Continues from {run}. The learning rate starts at {rate} again.",
                    run=plan.more_of.run,
                    rate=rate,
                ),
                _(
                    "It learns from the examples you use now and becomes a run of its own. "
                    "{run} does not change.",
                    run=plan.more_of.run,
                ),
                actions=((_("Start from the base model instead"), self.base_chosen.emit),),
            )
