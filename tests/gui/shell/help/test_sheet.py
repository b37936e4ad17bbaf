from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.labels import label
from gui.shell.help.sheet import Sheet


def test_it_closes_with_escape_and_with_its_button(qtbot: QtBot) -> None:
    for close in ("key", "button"):
        sheet = Sheet("Title")
        sheet.fill(vbox(label("Text"), 1))
        sheet.show()
        if close == "key":
            qtbot.keyClick(sheet, Qt.Key.Key_Escape)
        else:
            sheet.findChildren(QPushButton)[-1].click()
        assert not sheet.isVisible()
