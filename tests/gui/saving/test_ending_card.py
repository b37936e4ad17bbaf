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


def test_the_lines_are_as_high_as_they_are(qtbot: QtBot) -> None:
    card = EndingCard()
    qtbot.addWidget(card)
    card.resize(600, 400)
    card.show_ending(Ending(_("Type this."), "word " * 100))
    card.show()

    def fits() -> bool:
        last = card.lines.blockBoundingGeometry(card.lines.document().lastBlock())
        scrolls = card.lines.verticalScrollBar().maximum() > 0
        return not scrolls and last.bottom() <= card.lines.viewport().height() < last.bottom() + 40

    for width in (600, 300, 600):
        card.resize(width, 400)
        qtbot.waitUntil(fits)
