from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.cards.choice_card import ChoiceCard


def test_one_of_several_is_chosen_by_mouse_or_keyboard(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    group = QButtonGroup(holder)
    cards = [ChoiceCard("One", "first", "model"), ChoiceCard("Two", "second")]
    for card in cards:
        layout.addWidget(card)
        group.addButton(card.button)
    holder.show()
    holder.activateWindow()
    qtbot.waitExposed(holder)
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    assert cards[0].is_chosen()
    qtbot.waitUntil(cards[0].button.hasFocus)
    with qtbot.waitSignal(cards[1].chosen):
        qtbot.keyClick(cards[0].button, Qt.Key.Key_Down)
    assert not cards[0].is_chosen()
    assert cards[1].property("card") == "chosen"


def test_badge_and_text_are_said(qtbot: QtBot) -> None:
    card = ChoiceCard("One", "first")
    qtbot.addWidget(card)
    card.set_badge("Fits comfortably", "good")
    assert card.button.accessibleDescription() == "Fits comfortably. first"
    wide = card._badge.fontMetrics().horizontalAdvance("Fits comfortably")
    assert card._badge.minimumWidth() > wide
    card.set_text("other")
    assert "other" in card.button.accessibleDescription()
    card.set_badge("")
    assert card._badge.isHidden()


def test_a_click_picks_a_card_and_the_keyboard_only_chooses_it(qtbot: QtBot) -> None:
    card = ChoiceCard("One", "first")
    group = QButtonGroup(card)
    group.addButton(card.button)
    qtbot.addWidget(card)
    card.show()
    with qtbot.waitSignal(card.picked):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(card.picked):
        qtbot.mouseClick(card.button, Qt.MouseButton.LeftButton)
    with qtbot.assertNotEmitted(card.picked, wait=50):
        qtbot.keyClick(card.button, Qt.Key.Key_Space)
