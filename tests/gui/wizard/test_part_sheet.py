from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.wizard.part_sheet import PartSheet


def test_escape_closes_it_and_is_told(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.show()
    sheet = PartSheet("Training mix", QLabel("inside"), page)
    sheet.open_beside()
    assert sheet.isVisible()
    assert not sheet.isModal(), "the page can still be used"
    with qtbot.waitSignal(sheet.went):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
