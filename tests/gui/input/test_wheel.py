from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.input.wheel import Wheel
from gui.kit.labels import label
from gui.kit.scroll import scrolled


class Full(QWidget):
    """A page higher than its window, with everything in it that takes the wheel."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.number, self.choice = QTableWidget(500, 2), QSpinBox(), QComboBox()
        self.slider, self.tabs = QSlider(Qt.Orientation.Horizontal), QTabBar()
        self.number.setValue(50)
        self.slider.setValue(50)
        self.choice.addItems(["first", "second", "third"])
        for name in ("one", "two", "three"):
            self.tabs.addTab(name)
        column = QVBoxLayout()
        for widget in (*self.values(), self.table, label("far below\n" * 80)):
            column.addWidget(widget)
        self.table.setFixedHeight(200)
        self.area: QScrollArea = scrolled(self, column)
        self.resize(500, 400)

    def values(self) -> tuple[QWidget, ...]:
        return (self.number, self.choice, self.slider, self.tabs)

    def set_values(self) -> tuple[object, ...]:
        return (
            self.number.value(), self.choice.currentText(), self.slider.value(),
            self.tabs.currentIndex(),
        )  # fmt: skip


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Full]:
    app = QApplication.instance()
    habit = Wheel()
    app.installEventFilter(habit)
    made = Full()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.setFocus()
    yield made
    app.removeEventFilter(habit)


def turn(widget: QWidget, clicks: int = 1) -> None:
    """Turn the wheel towards the person over ``widget``, as the system tells it."""
    middle = QPointF(widget.rect().center())
    for _ in range(clicks):
        event = QWheelEvent(
            middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)


def test_over_a_table_it_scrolls_the_page(page: Full) -> None:
    turn(page.table.viewport(), 3)
    assert page.area.verticalScrollBar().value() > 100
    assert page.table.verticalScrollBar().value() == 0


def test_a_table_that_was_clicked_scrolls_itself(page: Full, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    turn(page.table.viewport(), 3)
    assert page.table.verticalScrollBar().value() > 0
    assert page.area.verticalScrollBar().value() == 0


def roll(widget: QWidget) -> None:
    """Turn the wheel as the system does it: it reaches the window first, and may give the focus."""
    window, middle = widget.window(), widget.rect().center()
    place = QPointF(widget.mapTo(window, middle))
    QTest.wheelEvent(window.windowHandle(), place, QPoint(0, -120))


def test_it_changes_no_value_and_scrolls_the_page(page: Full) -> None:
    before = page.set_values()
    for field in page.values():
        page.area.verticalScrollBar().setValue(0)
        roll(field)
        assert page.set_values() == before, field
        assert not field.hasFocus()
        assert page.area.verticalScrollBar().value() > 0, field


def test_a_value_that_was_just_chosen_stays_while_the_person_rolls_on(page: Full) -> None:
    before = page.set_values()
    for field in page.values():
        field.setFocus()
        roll(field)
        assert page.set_values() == before, field


def test_the_wheel_focuses_nothing_inside_a_number_box_either(page: Full) -> None:
    roll(page.number.findChild(QLineEdit))
    assert page.number.value() == 50
    assert not page.number.hasFocus()


def test_without_a_page_that_scrolls_a_value_stays_too(page: Full, qtbot: QtBot) -> None:
    alone = QComboBox()
    alone.addItems(["first", "second", "third"])
    qtbot.addWidget(alone)
    alone.show()
    qtbot.waitExposed(alone)
    roll(alone)
    assert alone.currentText() == "first"


def test_a_table_scrolls_where_its_page_cannot(page: Full) -> None:
    page.resize(500, 4000)
    QApplication.processEvents()
    assert page.area.verticalScrollBar().maximum() == 0
    roll(page.table.viewport())
    assert page.table.verticalScrollBar().value() > 0


def test_the_real_wheel_gives_no_field_the_keyboard(page: Full, qtbot: QtBot) -> None:
    """Qt does that for wheels of the system, which it tells apart from those that are sent."""
    for field in (page.number, page.choice):
        page.area.verticalScrollBar().setValue(0)
        page.setFocus()
        for _turn in range(2):  # the first would give it, the second would turn
            place = field.mapTo(page, field.rect().center())
            QTest.wheelEvent(page.windowHandle(), QPointF(place), QPoint(0, -12))
            QApplication.processEvents()
        assert not field.hasFocus()
    assert (page.number.value(), page.choice.currentText()) == (50, "first")


def test_outside_of_a_page_nothing_is_changed(qtbot: QtBot) -> None:
    table = QTableWidget(500, 2)
    qtbot.addWidget(table)
    table.show()
    turn(table.viewport())
    assert table.verticalScrollBar().value() > 0
