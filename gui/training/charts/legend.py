"""The names of a plot's lines with a sample of each, outside the plot so that they hide nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.kit.boxes import hbox
from gui.kit.labels import label
from gui.kit.theme import Space, colors
from gui.training.charts.looks import MARK, line_pen, look_of
from gui.training.charts.measures import Role, Trace

_WIDTH, _HEIGHT = 30, 14
_SCALE = 2
_SIGN, _STAR = 7, 12
_MOST_COLUMNS = 3


class ChartLegend(QWidget):
    """Hidden where there is one line only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[list[tuple[str, Role]], str] = ([], "")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._entries: list[QWidget] = []
        self._columns = 0
        self._grid.setHorizontalSpacing(Space.SMALL)
        self._grid.setVerticalSpacing(0)
        self.hide()

    def show_traces(self, traces: Sequence[Trace], mark: str = "") -> bool:
        """Name these lines and what the star means, if there is one; return whether that is new."""
        shown = [(trace.name, trace.role) for trace in traces]
        if (shown, mark) == self._shown:
            return False
        self._shown = shown, mark
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._entries = [_entry(name, sample_of(role)) for name, role in shown]
        self._entries += [_entry(mark, sample_of_mark())] if mark else []
        self._columns = 0
        self._arrange()
        self.setVisible(len(self._entries) > 1)
        return True

    def _arrange(self) -> None:
        """Put as many beside each other as have room for their longest word."""
        most = _MOST_COLUMNS if len(self._entries) <= _MOST_COLUMNS else 2
        room = (self.width() + self._grid.horizontalSpacing()) // (
            self.minimumSizeHint().width() + self._grid.horizontalSpacing()
        )
        columns = max(1, min(most, room))
        if columns == self._columns:
            return
        self._columns = columns
        for place, entry in enumerate(self._entries):
            self._grid.removeWidget(entry)
            self._grid.addWidget(entry, place // columns, place % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may hold another number of them."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest entry, each in a row of its own."""
        widths = (entry.minimumSizeHint().width() for entry in self._entries)
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def names(self) -> list[str]:
        """Return the names that are shown."""
        lines, mark = self._shown
        return [name for name, _role in lines] + [mark] * bool(mark)


def _entry(name: str, picture: QPixmap) -> QWidget:
    entry = QWidget()
    row = hbox(on=entry, margins=0, spacing=Space.TINY)
    sample = QLabel()
    sample.setPixmap(picture)
    row.addWidget(sample)
    text = label(name, "small")
    text.ensurePolished()
    words = (text.fontMetrics().horizontalAdvance(word) for word in name.split())
    text.setMinimumWidth(max(words, default=0) + 1)
    row.addWidget(text, 1)
    return entry


def sample_of(role: Role) -> QPixmap:
    """Draw a short piece of a line with its sign."""
    look = look_of(role)
    drawn, painter = _canvas()
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


def sample_of_mark() -> QPixmap:
    """Draw the star of the best point."""
    drawn, painter = _canvas()
    painter.translate(_WIDTH / 2, _HEIGHT / 2)
    drawSymbol(painter, MARK, _STAR, pg.mkPen(None), pg.mkBrush(colors().good))
    painter.end()
    return drawn


def _canvas() -> tuple[QPixmap, QPainter]:
    drawn = QPixmap(_WIDTH * _SCALE, _HEIGHT * _SCALE)
    drawn.setDevicePixelRatio(_SCALE)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return drawn, painter
