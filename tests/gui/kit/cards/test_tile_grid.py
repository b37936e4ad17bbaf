"""Tiles stand beside each other as far as they fit."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.kit.cards.tile_grid import TileGrid


def test_as_many_columns_as_fit(qtbot: QtBot) -> None:
    grid = TileGrid[QLabel]()
    qtbot.addWidget(grid)
    grid.show_tiles([QLabel(f"{n}") for n in range(4)])
    grid.show()
    for width, columns in ((960, 3), (600, 2), (300, 1)):
        grid.resize(width, 600)
        qtbot.wait(10)
        assert len({tile.x() for tile in grid.tiles}) == columns


def test_other_tiles_take_the_place(qtbot: QtBot) -> None:
    grid = TileGrid[QLabel](100)
    qtbot.addWidget(grid)
    grid.resize(400, 100)
    first, second = QLabel("first"), QLabel("second")
    grid.show_tiles([first])
    grid.show()
    grid.show_tiles([second])
    assert first.isHidden()
    qtbot.waitUntil(second.isVisible)


def test_no_tile_is_squeezed_below_its_words(qtbot: QtBot) -> None:
    grid = TileGrid[QLabel](100)
    qtbot.addWidget(grid)
    tiles = [QLabel("one"), QLabel("two")]
    tiles[1].setMinimumWidth(250)
    grid.show_tiles(tiles)
    grid.show()
    for width, columns in ((520, 2), (400, 1)):
        grid.resize(width, 600)
        qtbot.wait(10)
        assert len({tile.x() for tile in grid.tiles}) == columns
