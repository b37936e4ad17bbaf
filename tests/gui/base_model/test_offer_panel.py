from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.library.inventory import unfinished
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    SLACK,
    WEIGHTS,
    Opened,
    look_up,
)
from tests.loopback_hub import LoopbackHub


def test_what_is_declined_is_not_downloaded(
    opened: Opened, qtbot: QtBot, hub: LoopbackHub, large: int
) -> None:
    window = opened()
    get = window.page.get
    look_up(window, qtbot, "Own/Name")
    scenes.until(qtbot, get.offer.isVisible)
    qtbot.mouseClick(get.offer.cancel, LEFT)
    assert not get.offer.isVisible() and not window.page.downloads.rows
    assert hub.served[WEIGHTS] < SLACK and unfinished() == []
