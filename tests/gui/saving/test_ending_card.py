from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from core.export.saves.endings import Ending
from core.language import _
from gui.saving.ending_card import EndingCard


def test_the_lines_are_shown_and_copied(qtbot: QtBot) -> None:
    card = EndingCard()
    qtbot.addWidget(card)
    assert card.isHidden()
    card.show_ending(Ending(_("Type this."), "one\ntwo"))
    assert not card.isHidden()
    assert card.text.text() == "Type this."
    card.copy.click()
    assert QGuiApplication.clipboard().text() == "one\ntwo"
