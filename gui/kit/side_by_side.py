"""Parts beside each other, or in a column where there is no room for that."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

from gui.kit.boxes import hbox
from gui.kit.labels import letters
from gui.kit.theme import Space


class SideBySide(QWidget):
    """Asks for the width of its widest part only.

    Args:
        least: in less room than so many letters there is a column, though the parts would fit.
    """

    def __init__(self, parent: QWidget | None = None, *, least: int = 0) -> None:
        super().__init__(parent)
        self._least = least
        self._row = hbox(on=self, margins=0, spacing=Space.MEDIUM)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def add(self, part: QWidget, stretch: int = 1) -> None:
        """Put a part behind the others."""
        self._row.addWidget(part, stretch)

    def _widths(self) -> list[int]:
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        return [item.minimumSize().width() for item in items if item is not None]

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part, and the height of where they stand now."""
        return QSize(max(self._widths(), default=0), self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn the row into a column, or back."""
        super().resizeEvent(event)
        widths = self._widths()
        needed = sum(widths) + self._row.spacing() * (len(widths) - 1)
        beside = self.width() >= max(needed, letters(self._least))
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if way != self._row.direction():
            self._row.setDirection(way)
            self.updateGeometry()
