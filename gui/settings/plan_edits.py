"""What was changed of a plan, and the way back. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from gui.wizard.training_plan import TrainingPlan


class PlanEdits:
    """Remembers preset and values before each change."""

    def __init__(self) -> None:
        self._before: list[tuple[str, Mapping[str, object]]] = []

    def choose(self, plan: TrainingPlan, key: str) -> bool:
        """Take another preset; return whether values of your own are lost by that."""
        self._before.append((plan.key, plan.overrides))
        lost = bool(plan.overrides)
        plan.key, plan.overrides = key, {}
        return lost

    def change(self, plan: TrainingPlan, name: str, value: object) -> bool:
        """Change one value; return whether it is the usual one again.

        Raises:
            UserFacingError: that is no value of this setting.
        """
        before = (plan.key, plan.overrides)
        plan.change(name, value)
        if before[1] != plan.overrides:
            self._before.append(before)
        return name in before[1] and name not in plan.overrides

    def undo(self, plan: TrainingPlan) -> bool:
        """Take the last change back; return whether there was one."""
        if not self._before:
            return False
        plan.key, plan.overrides = self._before.pop()
        return True
