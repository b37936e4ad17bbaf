from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.chat.composer import Composer


def test_enter_sends_and_shift_enter_breaks_the_line(qtbot: QtBot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.show()
    low = composer.height()
    qtbot.keyClicks(composer, "One")
    for _line in range(4):
        qtbot.keyClick(composer, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert composer.height() > low
    with qtbot.waitSignal(composer.submitted):
        qtbot.keyClick(composer, Qt.Key.Key_Return)
    assert composer.text() == "One"


def test_page_keys_scroll_the_conversation(qtbot: QtBot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    with qtbot.waitSignal(composer.paged) as paged:
        qtbot.keyClick(composer, Qt.Key.Key_PageUp)
    assert paged.args == [-1]
