from __future__ import annotations

from array import array

import numpy as np
from pytestqt.qtbot import QtBot

from gui.widgets.charts import LossChart, TemperatureChart

NOTHING: tuple[list[float], list[float]] = ([], [])


def test_losses_are_drawn_and_said(qtbot: QtBot) -> None:
    chart = LossChart()
    qtbot.addWidget(chart)
    assert chart.accessibleName() == "How wrong the model is"
    chart.show_losses(([1, 2], [2.0, 1.0]), ([1, 2], [2.0, 1.5]), ([0, 2], [2.5, 1.25]), (2, 1.25))
    assert chart.accessibleDescription() == (
        "Step 2: practice 1.50, unseen examples 1.25; best 1.25 at step 2."
    )
    assert list(chart._raw.yData) == [2.0, 1.0]
    assert chart._best_text.isVisible()
    assert len(chart._best.data) == 1


def test_an_empty_plot_says_so(qtbot: QtBot) -> None:
    chart = LossChart()
    qtbot.addWidget(chart)
    chart.show_losses(NOTHING, NOTHING, NOTHING, None)
    assert chart.accessibleDescription() == "No step has been done yet."
    assert not chart._best_text.isVisible()


def test_the_numbers_are_copied(qtbot: QtBot) -> None:
    chart = LossChart()
    qtbot.addWidget(chart)
    x, y = array("d", [1.0]), array("d", [2.0])
    chart.show_losses((x, y), (x, y), NOTHING, None)
    x.append(2.0)  # fails while somebody looks into the array
    assert list(chart._raw.xData) == [1.0]


def test_the_warning_band_ends_where_the_card_slows_down(qtbot: QtBot) -> None:
    chart = TemperatureChart()
    qtbot.addWidget(chart)
    chart.show_temperatures([0.0, 1.0], [50.0, 71.0], 84.0)
    assert chart._band.isVisible()
    assert np.allclose(chart._band.getRegion(), (78.0, 84.0))
    assert chart.accessibleDescription() == "Now 71 °C, highest 71 °C."
    chart.show_temperatures([0.0], [50.0], None)
    assert not chart._band.isVisible()
    chart.show_temperatures([], [], 84.0)
    assert chart.accessibleDescription() == "No reading yet."
