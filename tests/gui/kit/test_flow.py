from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.flow import Flow
from gui.kit.labels import label

_TEXT = "A sentence that needs some room beside the buttons that follow it."


class Row(QWidget):
    """A text and two buttons, in a page that gives the row the height it asks for."""

    def __init__(self, *, at_end: bool = False) -> None:
        super().__init__()
        self.text = label(_TEXT)
        self.first, self.second = QPushButton("Do the first thing"), QPushButton("Or the second")
        self.frame = QFrame()
        self.frame.setLayout(
            Flow(self.text, self.first, self.second, stretch=self.text, at_end=at_end)
        )
        column = QVBoxLayout(self)
        column.addWidget(self.frame)
        column.addStretch(1)

    def at(self, width: int) -> None:
        self.resize(width, 400)
        self.show()
        for _ in range(3):  # a change travels up one layout a turn
            QApplication.processEvents()


@pytest.fixture
def row(qtbot: QtBot) -> Row:
    made = Row()
    qtbot.addWidget(made)
    return made


def test_what_fits_stands_in_one_line(row: Row) -> None:
    row.at(900)
    assert row.text.x() < row.first.x() < row.second.x()
    assert row.second.geometry().right() == row.frame.rect().right()
    assert row.first.y() < row.text.geometry().bottom()


def test_buttons_go_below_the_text_where_it_is_narrow(row: Row) -> None:
    row.at(340)
    assert row.first.y() >= row.text.geometry().bottom()
    assert row.first.y() == row.second.y()
    assert row.first.x() == 0


def test_each_has_its_own_line_where_it_is_very_narrow(row: Row) -> None:
    row.at(200)
    assert row.second.y() > row.first.y()
    assert row.second.width() >= row.second.sizeHint().width()
    assert row.frame.rect().contains(row.second.geometry()), "the frame grew with its lines"


def test_lines_of_buttons_may_end_at_the_right(qtbot: QtBot) -> None:
    row = Row(at_end=True)
    qtbot.addWidget(row)
    row.at(340)
    assert row.second.geometry().right() == row.frame.rect().right()


def test_hidden_widgets_take_no_room(row: Row) -> None:
    row.at(200)
    high = row.frame.height()
    row.second.hide()
    row.at(200)
    assert row.frame.height() < high


def test_items_can_be_taken_out(row: Row) -> None:
    layout = row.frame.layout()
    assert layout.count() == 3
    layout.removeWidget(row.first)
    assert layout.count() == 2
    assert layout.itemAt(5) is None
    assert layout.takeAt(5) is None


def test_from_right_to_left_the_line_begins_at_the_right(row: Row) -> None:
    row.at(900)
    left = [widget.x() for widget in (row.text, row.first, row.second)]
    row.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    row.at(901)
    mirrored = [widget.x() for widget in (row.text, row.first, row.second)]
    assert left == sorted(left)
    assert mirrored == sorted(mirrored, reverse=True)
    assert row.second.x() == 0


def test_the_buttons_of_one_choice_are_equally_wide_in_as_few_lines_as_fit(qtbot: QtBot) -> None:
    made = QWidget()
    qtbot.addWidget(made)
    buttons = [QPushButton(text) for text in ("A is better", "Both are bad", "Tie", "B is better")]
    made.setLayout(Flow(*buttons, even=True))
    made.show()
    widest = max(button.sizeHint().width() for button in buttons)
    for width, lines in ((4 * widest + 100, 1), (3 * widest + 50, 2), (widest + 10, 4)):
        made.resize(width, 300)
        QApplication.processEvents()
        assert len({button.width() for button in buttons}) == 1
        assert len({button.y() for button in buttons}) == lines
        assert all(button.width() >= widest for button in buttons)


def test_where_it_is_balanced_no_button_is_left_alone_on_the_last_line(qtbot: QtBot) -> None:
    made = QWidget()
    qtbot.addWidget(made)
    buttons = [QPushButton(f"Button number {n}") for n in range(5)]
    made.setLayout(Flow(*buttons, balanced=True))
    made.show()
    wide = buttons[0].sizeHint().width() + 8
    for fit, expected in ((5, [5]), (4, [3, 2]), (3, [3, 2]), (2, [2, 2, 1])):
        made.resize(fit * wide + 10, 400)
        QApplication.processEvents()
        tops = [button.y() for button in buttons]
        assert [tops.count(y) for y in sorted(set(tops))] == expected
