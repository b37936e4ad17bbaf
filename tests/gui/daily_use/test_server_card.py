from __future__ import annotations

from types import SimpleNamespace

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.daily_use.server_card import ServerCard

OFFER = SimpleNamespace(
    names=("base", "train-001"),
    need=SimpleNamespace(badge=SimpleNamespace(sentence="Needs about 2 of 8 GB free.")),
)


def control(state: str, **values: object) -> SimpleNamespace:
    return SimpleNamespace(
        **{"state": state, "offer": OFFER, "serving": None, "memory": 0, **values}
    )


def test_the_cost_stands_there_before_it_starts(qtbot: QtBot) -> None:
    card = ServerCard()
    qtbot.addWidget(card)
    card.show_control(control("off"), some=True)
    assert card.room.text() == "Needs about 2 of 8 GB free."
    assert card.switch.text() == "Start the server"
    card.show_control(control("starting"), some=True)
    assert not card.switch.isEnabled()
    card.show_control(control("off", offer=None), some=False)
    assert card.text.text() == "There is no fine-tune yet."


def test_address_and_key_are_copied(qtbot: QtBot) -> None:
    card = ServerCard()
    qtbot.addWidget(card)
    serving = SimpleNamespace(address="http://127.0.0.1:1/v1", token="sk-x", offer=OFFER)
    card.show_control(control("on", serving=serving, memory=2_000_000_000), some=True)
    assert card.room.text() == "The model is loaded and takes 2.0 GB."
    card.copy_address.click()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:1/v1"
    card.copy_key.click()
    assert QGuiApplication.clipboard().text() == "sk-x"
