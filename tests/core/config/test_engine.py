"""What a plan promises."""

import pytest

from core.config.engine import EnginePlan


@pytest.mark.parametrize(
    ("keep", "kept"), [(None, [0, 1, 2, 3]), (0, []), (1, [3]), (3, [1, 2, 3]), (9, [0, 1, 2, 3])]
)
def test_the_last_layers_are_kept(keep, kept):
    plan = EnginePlan(keep_layers=keep)
    assert [layer for layer in range(4) if plan.keeps(layer, 4)] == kept


@pytest.mark.parametrize("wrong", [{"keep_layers": -1}, {"loss_chunk_mib": 0}])
def test_senseless_plans_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        EnginePlan(**wrong)
