from __future__ import annotations

import datetime
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.library.overview import Overview
from core.wizard import Step
from gui.start.tiles import ActionTile, ProjectTile, TileGrid


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


def test_as_many_columns_as_fit(qtbot: QtBot) -> None:
    grid = TileGrid()
    qtbot.addWidget(grid)
    grid.show_tiles([ProjectTile(Path(f"/x/{n}")) for n in range(4)])
    grid.show()
    for width, columns in ((960, 3), (600, 2), (300, 1)):
        grid.resize(width, 600)
        qtbot.wait(10)
        assert len({tile.x() for tile in grid.tiles}) == columns
