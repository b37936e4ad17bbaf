from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.models.hub.store import models_folder
from tests.core.models.folders import make_model
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    Opened,
    look_up,
)
from tests.loopback_hub import LoopbackHub


def test_models_of_other_programs_are_used_without_a_copy(
    opened: Opened,
    qtbot: QtBot,
    nobody_else: Path,
    hub: LoopbackHub,
) -> None:
    folder = make_model(nobody_else / ".lmstudio/models/Own/Studio")
    window = opened()
    page = window.page
    scenes.until(qtbot, page.local.isVisible)
    (button,) = page.local.buttons.values()
    assert button.text() == "Use Own/Studio"
    look_up(window, qtbot, "Own/Studio")
    scenes.until(qtbot, lambda: page.chosen().candidate.folder == folder)
    assert "already on this computer" in page.get.message.what.text() and hub.seen == []
    page.cards[0].choose()
    assert not page.local.isVisible(), "it is a card now"


def test_one_press_makes_it_the_choice(opened: Opened, qtbot: QtBot, nobody_else: Path) -> None:
    folder = make_model(nobody_else / ".lmstudio/models/Own/Studio")
    window = opened()
    page = window.page
    scenes.until(qtbot, page.local.isVisible)
    qtbot.mouseClick(page.local.buttons[folder], LEFT)
    scenes.until(qtbot, lambda: page.chosen().candidate.folder == folder)
    assert window.session.settings.model_folders == (str(folder),)
    assert not models_folder().exists()
