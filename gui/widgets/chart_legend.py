"""The names of a plot's lines with a sample of each, outside the plot so that they hide nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from gui.measures import Role, Trace
from gui.theme import Space
from gui.widgets.chart_looks import line_pen, look_of
from gui.widgets.labels import label

_WIDTH, _HEIGHT = 30, 14
_SCALE = 2
_SIGN = 7
_MOST_COLUMNS = 3


class ChartLegend(QWidget):
    """Hidden where there is one line only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, Role]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.SMALL)
        self._grid.setVerticalSpacing(0)
        self.hide()

    def show_traces(self, traces: Sequence[Trace]) -> None:
        """Name these lines."""
        shown = [(trace.name, trace.role) for trace in traces]
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        columns = _MOST_COLUMNS if len(shown) <= _MOST_COLUMNS else 2
        for place, (name, role) in enumerate(shown):
            self._grid.addWidget(_entry(name, role), place // columns, place % columns)
        self.setVisible(len(shown) > 1)

    def names(self) -> list[str]:
        """Return the names that are shown."""
        return [name for name, _role in self._shown]


def _entry(name: str, role: Role) -> QWidget:
    entry = QWidget()
    row = QHBoxLayout(entry)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(Space.TINY)
    sample = QLabel()
    sample.setPixmap(sample_of(role))
    row.addWidget(sample)
    row.addWidget(label(name, "small"), 1)
    return entry


def sample_of(role: Role) -> QPixmap:
    """Draw a short piece of a line with its sign."""
    look = look_of(role)
    drawn = QPixmap(_WIDTH * _SCALE, _HEIGHT * _SCALE)
    drawn.setDevicePixelRatio(_SCALE)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = line_pen(look)
    pen.setCosmetic(False)  # as wide as in the plot, also on fine screens
    painter.setPen(pen)
    middle = _HEIGHT / 2
    painter.drawLine(QPointF(0, middle), QPointF(_WIDTH, middle))
    if look.sign:
        painter.translate(_WIDTH / 2, middle)
        drawSymbol(painter, look.sign, _SIGN, pg.mkPen(None), pg.mkBrush(look.color()))
    painter.end()
    return drawn
