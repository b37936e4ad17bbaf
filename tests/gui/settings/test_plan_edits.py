from __future__ import annotations

import pytest

from core.errors import UserFacingError
from gui.settings.plan_edits import PlanEdits
from gui.wizard.training_plan import TrainingPlan


def test_each_change_has_its_way_back(plan: TrainingPlan) -> None:
    edits, key = PlanEdits(), plan.key
    usual = plan.config.rank
    assert not edits.undo(plan), "nothing was changed"
    assert not edits.change(plan, "rank", "8")
    assert plan.config.rank == 8
    assert edits.change(plan, "rank", usual), "as usual again"
    assert edits.undo(plan) and plan.config.rank == 8
    assert edits.choose(plan, "gentle"), "the changed value is lost"
    assert not edits.choose(plan, "thorough"), "nothing of your own was"
    edits.undo(plan)
    edits.undo(plan)
    assert (plan.key, plan.config.rank) == (key, 8)
    with pytest.raises(UserFacingError):
        edits.change(plan, "rank", "many")
    assert edits.undo(plan) and plan.overrides == {}
