from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.labels import label
from gui.kit.scroll import scrolled


def test_what_does_not_fit_can_be_scrolled_to(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    content = QVBoxLayout()
    for number in range(60):
        content.addWidget(label(f"line {number}"))
    area = scrolled(page, content)
    page.resize(300, 200)
    page.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 200)
    assert area.horizontalScrollBar().maximum() == 0


def test_a_part_that_takes_what_is_left_is_not_squeezed(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    content, pane = QVBoxLayout(), QPlainTextEdit()
    content.addWidget(label("Several words that wrap. " * 8))
    pane.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    pane.setMinimumHeight(150)
    content.addWidget(pane, 1)
    below = label("Below the pane.")
    content.addWidget(below)
    area = scrolled(page, content)
    page.resize(300, 160)
    page.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert pane.geometry().bottom() < below.geometry().top()
