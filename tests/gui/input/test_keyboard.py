from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.input.keyboard import Keyboard, in_order, takes_tab
from gui.kit.labels import set_look
from gui.kit.scroll import scrolled


class Window(QMainWindow):
    """A page in a scroll area: a card with three buttons, then a field made before them."""

    def __init__(self) -> None:
        super().__init__()
        self.page = QWidget()
        self.page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.keyboard = Keyboard(self, lambda: self.page)
        self.rate = QLineEdit("0.0001")
        self.card = QFrame()
        set_look(self.card, card="neutral")
        self.fix, self.press, self.remove = (QPushButton(t) for t in ("Fix", "Go", "Remove"))
        inside = QVBoxLayout(self.card)
        for button in (self.fix, self.press, self.remove):
            inside.addWidget(button)
        column = QVBoxLayout()
        column.addWidget(self.card)
        column.addWidget(self.rate)
        scrolled(self.page, column)
        self.setCentralWidget(self.page)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self.keyboard.move(forward=forward)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window()
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.press.setFocus()
    yield made
    made.close()


def key(qtbot: QtBot, *keys: Qt.Key) -> None:
    """Press keys where the keyboard is."""
    for one in keys:
        where = QApplication.focusWidget()
        assert where is not None, "the keyboard is nowhere"
        qtbot.keyClick(where, one)


def test_tab_follows_the_layout_and_not_the_age(window: Window, qtbot: QtBot) -> None:
    window.fix.setFocus()
    seen = []
    for _ in range(4):
        seen.append(QApplication.focusWidget())
        key(qtbot, Qt.Key.Key_Tab)
    assert seen == [window.fix, window.press, window.remove, window.rate]
    key(qtbot, Qt.Key.Key_Backtab)
    assert window.rate.hasFocus(), "from the first back to the last"


@pytest.mark.parametrize("how", ["greys", "hides", "its card greys", "is deleted"])
def test_no_key_after_the_press_does_anything_elsewhere(
    window: Window, qtbot: QtBot, how: str
) -> None:
    does = {
        "greys": lambda: window.press.setEnabled(False),
        "hides": window.press.hide,
        "its card greys": lambda: window.card.setEnabled(False),
        "is deleted": window.press.deleteLater,
    }
    window.press.clicked.connect(does[how])
    removed: list[bool] = []
    window.remove.clicked.connect(removed.append)
    key(qtbot, Qt.Key.Key_Space)
    qtbot.wait(10)
    expected = window.page if how == "its card greys" else window.card
    assert QApplication.focusWidget() is expected
    key(qtbot, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_7)
    assert window.rate.text() == "0.0001"
    assert removed == []
    key(qtbot, Qt.Key.Key_Tab)
    reached = QApplication.focusWidget()
    wanted = {"its card greys": window.rate, "is deleted": window.fix}.get(how, window.remove)
    assert reached is wanted


def test_a_button_that_returns_gets_the_keyboard_back(window: Window, qtbot: QtBot) -> None:
    window.press.setEnabled(False)
    assert window.card.hasFocus()
    window.press.setEnabled(True)
    assert window.press.hasFocus()


def test_it_stays_away_where_something_else_was_chosen(window: Window, qtbot: QtBot) -> None:
    window.press.hide()
    key(qtbot, Qt.Key.Key_Tab)
    window.press.show()
    assert window.remove.hasFocus()


def test_a_whole_part_that_hides_keeps_the_place(window: Window, qtbot: QtBot) -> None:
    window.card.hide()
    assert window.page.hasFocus()
    key(qtbot, Qt.Key.Key_Tab)
    assert window.rate.hasFocus()


def test_it_waits_for_a_button_that_is_not_ready(window: Window) -> None:
    window.press.setEnabled(False)
    window.keyboard.wait_for(window.press, window.page)
    assert window.page.hasFocus()
    window.press.setEnabled(True)
    assert window.press.hasFocus()


def test_splitters_and_what_has_no_layout_are_read_too(qtbot: QtBot) -> None:
    splitter = QSplitter()
    first, second = QPushButton("1"), QPushButton("2")
    splitter.addWidget(second)
    splitter.insertWidget(0, first)
    bare = QPushButton("bare", first)
    qtbot.addWidget(splitter)
    splitter.show()
    assert [w for w in in_order(splitter) if takes_tab(w, splitter)] == [first, bare, second]
