from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.training.charts.chart import Chart
from gui.training.charts.measures import LOSS
from tests.gui import scenes
from tests.gui.training.charts.charting import line

END = 999.0


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[Chart]:
    holder = QWidget()  # pyqtgraph takes a plot to pieces when it is closed itself
    qtbot.addWidget(holder)
    made = Chart(holder)
    made.resize(500, 250)
    holder.show()
    made.show_measure(LOSS)
    made.show_traces([line(1000)])
    made.show()
    qtbot.waitExposed(made)
    yield made


def press(chart: Chart, *keys: Qt.Key, qtbot: QtBot) -> None:
    for key in keys:
        qtbot.keyClick(chart, key)


def wheel(chart: Chart, notches: int, modifiers: Qt.KeyboardModifier) -> QWheelEvent:
    place = QPointF(250, 100)
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    chart.wheelEvent(event)
    return event


def test_arrows_go_from_point_to_point(chart: Chart, qtbot: QtBot) -> None:
    chart.point_at(END)
    press(chart, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, qtbot=qtbot)
    assert chart.at == END - 1
    press(chart, Qt.Key.Key_Home, qtbot=qtbot)
    assert chart.at == 0
    press(chart, Qt.Key.Key_PageDown, qtbot=qtbot)
    assert chart.at == 100
    press(chart, Qt.Key.Key_End, Qt.Key.Key_Right, qtbot=qtbot)
    assert chart.at == END


def test_the_keyboard_alone_zooms_and_takes_the_view_along(chart: Chart, qtbot: QtBot) -> None:
    press(chart, Qt.Key.Key_Home, Qt.Key.Key_Plus, Qt.Key.Key_Plus, qtbot=qtbot)
    low, high = chart.view_range.shown
    assert low == 0
    assert high == pytest.approx(0.36 * END)
    press(chart, *[Qt.Key.Key_PageDown] * 12, qtbot=qtbot)
    assert chart.at is not None
    assert chart.view_range.shown[0] > 0
    assert chart.view_range.shown[0] <= chart.at <= chart.view_range.shown[1]
    press(chart, Qt.Key.Key_Minus, qtbot=qtbot)
    press(chart, Qt.Key.Key_0, qtbot=qtbot)
    assert chart.view_range.piece is None


def test_other_keys_are_left_to_the_page(chart: Chart, qtbot: QtBot) -> None:
    chart.point_at(500)
    press(chart, Qt.Key.Key_A, qtbot=qtbot)
    assert chart.at == 500
    assert chart.view_range.piece is None


def test_dragging_looks_at_the_piece(chart: Chart, qtbot: QtBot) -> None:
    view = chart.viewport()
    with qtbot.waitSignal(chart.zoomed):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
        qtbot.mouseMove(view, QPoint(300, 100))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    low, high = chart.view_range.shown
    assert 0 < low < high < END
    chart.zoom_reset()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert chart.view_range.piece is None, "a click is no drag"


def test_the_wheel_zooms_with_ctrl_only(chart: Chart) -> None:
    event = wheel(chart, 1, Qt.KeyboardModifier.NoModifier)
    assert not event.isAccepted(), "the page scrolls"
    assert chart.view_range.piece is None
    event = wheel(chart, 1, Qt.KeyboardModifier.ControlModifier)
    assert event.isAccepted()
    assert chart.view_range.piece is not None
    wheel(chart, -1, Qt.KeyboardModifier.ControlModifier)
    assert chart.view_range.piece is None


def test_the_pointer_shows_values_until_it_leaves(chart: Chart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.pointed) as told:
        qtbot.mouseMove(chart.viewport(), QPoint(250, 100))
    assert 100 < told.args[0] < 900
    chart.clearFocus()
    qtbot.mouseMove(chart.viewport(), QPoint(200, 100))
    scenes.until(qtbot, lambda: chart.at is not None)
    chart.leaveEvent(QEvent(QEvent.Type.Leave))
    assert chart.at is None


def test_the_keyboard_shows_the_newest_value_at_once(chart: Chart, qtbot: QtBot) -> None:
    chart.window().activateWindow()
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    assert chart.at == END
    chart.clearFocus()
    QApplication.processEvents()
    assert chart.at is None
