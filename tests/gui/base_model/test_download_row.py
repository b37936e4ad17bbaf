from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.library.inventory import unfinished
from tests.gui import scenes
from tests.gui.base_model.driving import (
    LEFT,
    Opened,
    agree,
    arrived,
)


def test_cancel_asks_and_deletes(opened: Opened, qtbot: QtBot, large: int) -> None:
    window = opened()
    row = agree(window, qtbot, "Own/Name")
    scenes.until(qtbot, arrived(0.3, large))
    assert row.outlives.isVisible()
    qtbot.mouseClick(row.cancel, LEFT)
    assert "Delete the" in row.message.what.text()
    keep, _delete = row.message._actions
    qtbot.mouseClick(keep, LEFT)
    assert row.is_running()
    qtbot.mouseClick(row.pause, LEFT)
    scenes.until(qtbot, row.resume.isVisible)
    assert not row.outlives.isVisible() and not row.pause.isVisible()
    qtbot.mouseClick(row.cancel, LEFT)
    qtbot.mouseClick(row.message._actions[1], LEFT)
    scenes.until(qtbot, lambda: not window.page.downloads.rows)
    assert unfinished() == [] and not window.page.downloads.isVisible()
