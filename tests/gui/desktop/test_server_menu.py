from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.actions import serving
from gui.desktop.server_menu import ServerMenu
from gui.shell.window import WizardWindow
from gui.wizard.page import Place
from gui.wizard.session import Session
from tests.gui import scenes

NEED = SimpleNamespace(badge=SimpleNamespace(sentence="Needs about 3 GB."))


@pytest.fixture
def window(ready_session: Session, qtbot: QtBot) -> Iterator[WizardWindow]:
    scenes.finish_training(scenes.add_run(ready_session), ready_session)
    made = WizardWindow(ready_session)
    yield made
    made.shut_down()


@pytest.fixture
def menu(window: WizardWindow, qtbot: QtBot) -> Iterator[ServerMenu]:
    around = QMenu()
    qtbot.addWidget(around)
    yield ServerMenu(around, around.addAction("Quit"), window)


def test_the_cost_is_said_and_the_server_is_that_of_the_window(
    window: WizardWindow, menu: ServerMenu, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = SimpleNamespace(need=NEED, names=("base", "train-001"))
    closed: list[bool] = []
    opened = SimpleNamespace(
        offer=offer, token="key", address="http://127.0.0.1:1/v1", close=lambda: closed.append(True)
    )
    monkeypatch.setattr(serving, "look_at_serving", lambda *_given: offer)
    monkeypatch.setattr(serving, "serve", lambda *_given, **_more: opened)
    assert not menu.switch.isEnabled()
    menu.look()
    qtbot.waitUntil(menu.switch.isEnabled)
    qtbot.waitUntil(lambda: menu.room.text() == "Needs about 3 GB.")
    assert (menu.state.text(), menu.switch.text()) == (
        "The local server is off.",
        "Start the server",
    )
    menu.switch.trigger()
    qtbot.waitUntil(lambda: menu.state.text() == "The local server is on.")
    assert window.page_of(Place.DAILY_USE).control.state == "on"
    assert menu.switch.text() == "End the server"
    menu.switch.trigger()
    qtbot.waitUntil(lambda: menu.state.text() == "The local server is off.")
    assert closed == [True]


def test_without_a_project_nothing_can_be_started(window: WizardWindow, menu: ServerMenu) -> None:
    window.session.close()
    menu.look()
    assert not menu.switch.isEnabled()
    assert not menu.room.isVisible()
