from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.chat.transcript.correction import Correction


def test_a_correction_is_given_or_dropped(qtbot: QtBot) -> None:
    correction = Correction()
    qtbot.addWidget(correction)
    correction.begin("A stone.")
    correction.field.setPlainText("  ")
    assert not correction.save.isEnabled()
    correction.field.setPlainText("A rock. ")
    with qtbot.waitSignal(correction.given) as given:
        correction.save.click()
    assert given.args == ["A rock."]
    with qtbot.waitSignal(correction.dropped):
        qtbot.keyClick(correction, Qt.Key.Key_Escape)
