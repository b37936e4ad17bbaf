from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.look.column import Column
from gui.kit.look.sizes import READING, Space
from gui.kit.scroll import scrolled


def test_a_wide_window_keeps_the_text_in_the_middle(qtbot: QtBot) -> None:
    window, column, inside = QWidget(), Column(), QWidget()
    qtbot.addWidget(window)
    column.setParent(window)
    vbox(inside, on=column, margins=0)
    column.resize(1920, 300)
    window.show()
    assert inside.width() == READING
    assert abs(inside.geometry().center().x() - column.rect().center().x()) <= 1
    assert column.minimumSizeHint().width() < 700
    column.resize(700, 300)
    assert inside.width() == 700 - 2 * Space.HUGE


def test_a_scroll_bar_moves_nothing(qtbot: QtBot) -> None:
    page, inside = QWidget(), QWidget()
    qtbot.addWidget(page)
    area = scrolled(page, vbox(inside), READING)
    page.resize(1400, 300)
    page.show()
    before = inside.mapTo(page, inside.rect().topLeft()).x(), inside.width()
    inside.setMinimumHeight(900)
    qtbot.waitUntil(lambda: area.verticalScrollBar().isVisible())
    qtbot.wait(20)
    assert (inside.mapTo(page, inside.rect().topLeft()).x(), inside.width()) == before
