from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from core.models.hub import tokens
from core.storage.files import read_json
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    Opened,
    look_up,
)
from tests.loopback_hub import TOKEN, LoopbackHub


def test_the_steps_to_a_model_with_terms(
    opened: Opened,
    qtbot: QtBot,
    hub: LoopbackHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "_to_keyring", lambda *_: False)
    visited: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: visited.append(url.toString()))
    repo = hub.add("Own/Terms", gated="auto")
    window = opened()
    get = window.page.get
    look_up(window, qtbot, "Own/Terms")
    scenes.until(qtbot, get.access.isVisible)
    assert get.access.what.text() == "You must accept the terms of “Own/Terms” first."
    assert get.access.links[0].text() == f"{hub.url}/Own/Terms"
    qtbot.mouseClick(get.access.links[0], LEFT)
    assert visited == [f"{hub.url}/Own/Terms"]

    qtbot.keyClicks(get.access.token, "no token")
    qtbot.mouseClick(get.access.check, LEFT)
    scenes.until(qtbot, get.message.isVisible)
    assert get.message.what.text() == "That is not an access token."
    get.access.token.clear()
    qtbot.keyClicks(get.access.token, TOKEN)
    qtbot.keyClick(get.access.token, Qt.Key.Key_Return)
    scenes.until(qtbot, lambda: "has not accepted the terms" in get.access.what.text())
    assert "no keyring, so the token is stored in" in get.message.what.text()
    assert list(read_json(tokens.token_file()).values()) == [TOKEN]
    assert not get.access.token.isVisible()
    repo.accepted.add(TOKEN)
    qtbot.mouseClick(get.access.check, LEFT)
    scenes.until(qtbot, get.offer.isVisible)
    assert not get.access.isVisible()
