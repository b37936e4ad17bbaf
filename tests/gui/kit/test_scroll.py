from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
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
