"""Tiles beside each other, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.kit.theme import Space

_COLUMNS = (3, 2, 1)
Tile = TypeVar("Tile", bound=QWidget)  # not shown: a type


class TileGrid(QWidget, Generic[Tile]):
    """Equally wide tiles in columns.

    Args:
        least: width in pixels below which a tile does not stand beside another.
        columns: how many columns there may be, the most first.
    """

    def __init__(self, least: int = 260, columns: Sequence[int] = _COLUMNS) -> None:
        super().__init__()
        self._allowed = columns
        self.tiles: list[Tile] = []
        self._least = least
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.MEDIUM)
        self._columns = 0

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these instead of those before."""
        for tile in self.tiles:
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self.tiles = list(tiles)
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widths = (tile.minimumSizeHint().width() for tile in self.tiles)
        least = max(self._least, *widths, 0)  # larger text makes longer words
        fitting = (self.width() + Space.MEDIUM) // (least + Space.MEDIUM)
        columns = next((count for count in self._allowed if count <= fitting), 1)
        if columns == self._columns:
            return
        self._columns = columns
        for place, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, place // columns, place % columns)
        for column in range(max(self._allowed)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
