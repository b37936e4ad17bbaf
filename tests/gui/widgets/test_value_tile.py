from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.widgets.value_tile import ValueTile


def test_a_value_is_shown_and_said(qtbot: QtBot) -> None:
    tile = ValueTile("Power")
    qtbot.addWidget(tile)
    assert tile.text() == "–"
    assert tile.accessibleName() == "Power: – not measured yet"
    tile.show_value("318 W", "graphics card")
    assert tile.text() == "318 W"
    assert tile.accessibleName() == "Power: 318 W graphics card"
