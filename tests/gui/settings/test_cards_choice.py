from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.settings.cards_choice import CardsChoice


def test_all_cards_or_one(qtbot: QtBot) -> None:
    cards = CardsChoice()
    qtbot.addWidget(cards)
    cards.show_cards(4, 4)
    assert cards.choice.currentText() == "All 4 together"
    for key, count in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, 0)):
        with qtbot.waitSignal(cards.chosen) as told:
            qtbot.keyClick(cards.choice, key)
        assert told.args == [count]
    cards.show_cards(4, 1)
    assert cards.choice.currentText() == "Only one"
    cards.show_cards(2, 2)
    assert cards.choice.currentText() == "Both together"


def test_one_card_is_no_choice(qtbot: QtBot) -> None:
    cards = CardsChoice()
    qtbot.addWidget(cards)
    cards.show_cards(2, 2)
    assert not cards.isHidden()
    cards.show_cards(1, 1)
    assert cards.isHidden()
