from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.training.charts.step_axis import StepAxis


@pytest.mark.parametrize("last", [1, 2, 3, 7, 12, 40, 900, 100_000])
def test_steps_are_whole(last: int, qtbot: QtBot) -> None:
    axis = StepAxis("bottom")
    numbers = [value for _space, values in axis.tickValues(0, last, 400) for value in values]
    assert numbers
    assert all(float(value).is_integer() for value in numbers)


def test_minutes_may_be_divided(qtbot: QtBot) -> None:
    axis = StepAxis("bottom")
    axis.whole = False
    assert any(spacing < 1 for spacing, _offset in axis.tickSpacing(0, 1, 400))
