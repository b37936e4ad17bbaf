from __future__ import annotations

import datetime
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.library.overview import Overview
from core.wizard import Step
from gui.start.tiles import ActionTile, ProjectTile


def test_an_action_is_named_and_large_enough(qtbot: QtBot) -> None:
    tile = ActionTile("New project", "Start with your own examples.", "new")
    qtbot.addWidget(tile)
    tile.show()
    assert tile.accessibleName() == "New project"
    assert tile.height() >= 48
    with qtbot.waitSignal(tile.clicked):
        tile.click()


def test_a_project_shows_what_was_read(qtbot: QtBot) -> None:
    tile = ProjectTile(Path("/x/lamps"))
    qtbot.addWidget(tile)
    when = datetime.datetime(2026, 11, 29, 12, 0)
    tile.show_overview(
        Overview(Path("/x/lamps"), "Lamps", Step.SAVING, when, None, (3.0, 2.0, 1.0))
    )
    assert (tile.name.text(), tile.state.text()) == ("Lamps", "Saving")
    assert tile.result.text() == "No result yet"
    assert "2026" in tile.date.text()
    tile.resize(300, 150)
    assert not tile.grab().isNull()
