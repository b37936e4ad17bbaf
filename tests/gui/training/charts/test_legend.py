from __future__ import annotations

from typing import get_args

import pytest
from pytestqt.qtbot import QtBot

from gui.training.charts.legend import ChartLegend, sample_of
from gui.training.charts.measures import Role
from tests.gui.training.charts.charting import line, losses, view_model


def test_lines_are_named(qtbot: QtBot) -> None:
    legend = ChartLegend()
    qtbot.addWidget(legend)
    legend.show_traces(losses(view_model()))
    assert legend.names() == [
        "training, each step", "training, smoothed", "unseen examples", "everyday answers"
    ]  # fmt: skip
    assert legend.isVisibleTo(None)  # type: ignore[arg-type]
    legend.show_traces([line(3)])
    assert legend.isHidden(), "one line needs no name"
    legend.show_traces([line(3)], "best: step 3")
    assert legend.names()[-1] == "best: step 3", "the star has its words here"
    assert legend.isVisibleTo(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", get_args(Role))
def test_every_line_has_a_sample(role: Role, qtbot: QtBot) -> None:
    image = sample_of(role).toImage()
    drawn = sum(
        image.pixelColor(x, y).alpha() > 100
        for x in range(image.width())
        for y in range(image.height())
    )
    assert drawn > 20
