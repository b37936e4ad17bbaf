from __future__ import annotations

from collections.abc import Iterator

import pyqtgraph as pg
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.training.charts.canvas import ChartCanvas
from gui.training.charts.measures import LOSS, TEMPERATURE, Band
from tests.gui.training.charts.charting import line, losses, view_model


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[ChartCanvas]:
    holder = QWidget()  # pyqtgraph takes a plot to pieces when it is closed itself
    qtbot.addWidget(holder)
    made = ChartCanvas(holder)
    made.resize(500, 250)
    holder.show()
    made.show()
    made.show_measure(LOSS)
    yield made


def test_axes_and_name(canvas: ChartCanvas) -> None:
    assert canvas.accessibleName() == "How wrong the model is"
    assert canvas.getPlotItem().getAxis("bottom").labelText == "step"
    canvas.show_measure(TEMPERATURE)
    assert canvas.getPlotItem().getAxis("left").labelText == "°C"


def test_lines_grow_without_being_made_anew(canvas: ChartCanvas) -> None:
    told = view_model(10)
    canvas.show_traces(losses(told))
    before = list(canvas._items)
    told.raw.add(11, 0.5)
    canvas.show_traces(losses(told))
    assert canvas._items == before
    assert canvas._items[0].xData[-1] == 11
    canvas.show_traces(losses(told)[:1])
    assert len(canvas._items) == 1


def test_only_what_is_looked_at_is_drawn_and_fills_the_height(canvas: ChartCanvas) -> None:
    trace = line(100_000)
    trace.series.add(100_000, 50.0)
    canvas.show_traces([trace])
    assert len(canvas._items[0].xData) < 3000
    assert canvas._items[0].yData.max() == 50.0, "no peak is lost"
    canvas.view_range.look_at(1000, 1100)
    canvas.refresh()
    assert len(canvas._items[0].xData) <= 103
    (_, (low, high)) = canvas.getPlotItem().getViewBox().viewRange()
    assert high < 2
    assert low < 1


def test_a_band_is_shown_where_the_lines_come_near(canvas: ChartCanvas) -> None:
    canvas.show_measure(TEMPERATURE)
    told = view_model()
    canvas.show_bands([Band(79, 84, "warm"), Band(86, 86, "slows itself down")])
    canvas.show_traces(losses(told, TEMPERATURE))
    assert [band.getRegion() for band in canvas._bands] == [(79, 84), (86, 86)]
    assert [text.toPlainText() for text in canvas._band_texts] == ["warm", "slows itself down"]
    assert [text.pos().y() for text in canvas._band_texts] == [79, 86]
    (_, (low, high)) = canvas.getPlotItem().getViewBox().viewRange()
    assert high - 86 > 0.1 * (high - low), "the text above the line has its room"
    canvas.show_bands([Band(30, 44, "low")])
    canvas.refresh()
    assert canvas._band_texts[0].pos().y() == 44, "above, where there is no room below"
    canvas.show_bands([Band(300, 310, "far away")])
    canvas.refresh()
    assert canvas.getPlotItem().getViewBox().viewRange()[1][1] < 100
    assert [band.isVisible() for band in canvas._bands] == [True, False]
    canvas.show_bands([])
    assert not any(item.isVisible() for item in (*canvas._bands, *canvas._band_texts))


def test_a_mark(canvas: ChartCanvas) -> None:
    canvas.show_traces(losses(view_model()))
    canvas.show_mark((30, 0.9))
    assert canvas._mark.isVisible()
    canvas.show_mark(None)
    assert not canvas._mark.isVisible()


def test_no_words_lie_over_the_lines(canvas: ChartCanvas) -> None:
    canvas.show_traces(losses(view_model()))
    canvas.show_mark((30, 0.9))
    texts = [item for item in canvas.getPlotItem().items if isinstance(item, pg.TextItem)]
    assert not [text for text in texts if text.isVisible()]


def test_a_short_training_has_whole_steps_along_its_axis(canvas: ChartCanvas) -> None:
    canvas.show_measure(LOSS)
    axis = canvas.getPlotItem().getAxis("bottom")
    assert all(float(space).is_integer() for space, _ in axis.tickSpacing(0, 3, 500))
    canvas.show_measure(TEMPERATURE)
    assert any(space < 1 for space, _ in axis.tickSpacing(0, 1, 500)), "minutes"


def test_the_cross_line_stands_at_a_point(canvas: ChartCanvas, qtbot: QtBot) -> None:
    canvas.show_traces(losses(view_model()))
    with qtbot.waitSignal(canvas.pointed) as told:
        canvas.point_at(12.3)
    assert told.args == [12.0]
    assert canvas._cross.isVisible()
    with qtbot.waitSignal(canvas.pointed) as told:
        canvas.point_at(None)
    assert told.args == [None]
    assert not canvas._cross.isVisible()


def test_an_empty_plot_points_at_nothing(canvas: ChartCanvas) -> None:
    canvas.show_traces(losses(view_model(0)))
    canvas.show_traces([])
    canvas.point_at(3)
    assert canvas.at is None
