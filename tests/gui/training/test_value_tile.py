from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.training.value_tile import ValueTile


def test_a_value_is_shown_and_said(qtbot: QtBot) -> None:
    tile = ValueTile("Power")
    qtbot.addWidget(tile)
    assert tile.text() == "–"
    assert tile.accessibleName() == "Power: – not measured yet"
    tile.show_value("318 W", "graphics card")
    assert tile.text() == "318 W"
    assert tile.accessibleName() == "Power: 318 W graphics card"


def test_a_long_remark_gets_the_lines_that_it_needs(qtbot: QtBot) -> None:
    grid, tile = QWidget(), ValueTile("Temperature")
    qtbot.addWidget(grid)
    layout = QGridLayout(grid)
    layout.addWidget(tile, 0, 0)
    layout.addWidget(ValueTile("Power"), 1, 0)
    grid.setFixedWidth(180)
    grid.show()
    before = tile.height()
    tile.show_value("84 °C", "slowing itself down, 4 min lost so far, memory 99 °C, fan 100%")
    qtbot.waitUntil(lambda: tile.height() > before)
    remark = tile._remark
    assert remark.height() >= remark.heightForWidth(remark.width())
    assert tile._figure.geometry().bottom() < remark.geometry().top()
