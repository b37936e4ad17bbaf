"""The drawing of a plot: lines of any number of points, bands, a mark, the cross line.

Only what is looked at is drawn, thinned to the columns of the screen, so that a hundred thousand
points are as quick as a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.kit.labels import set_look
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors
from gui.training.charts.looks import MARK, band_brush, line_pen, look_of, signed_points
from gui.training.charts.measures import Band, Measure, Trace
from gui.training.charts.step_axis import StepAxis
from gui.training.charts.view_range import ViewRange
from gui.training.series import Series, thinned

_HEIGHT = 250
_ROOM = 0.06  # share of the height left free above and below the lines
_SHORTEST = 1.0  # steps or minutes along the axis, so that its numbers can be read
_MOST_BANDS = 2
_BAND_REACH = 0.25  # a band within this share of the lines' height is shown too


class ChartCanvas(pg.PlotWidget):
    """Draws traces of one measure; ``Chart`` adds mouse and keyboard.

    Attributes:
        pointed: the place on the horizontal axis whose values are asked for; ``None``: none.
        at: that place.
        view_range: which part is looked at.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._along = StepAxis("bottom")
        super().__init__(parent, background=colors().surface, axisItems={"bottom": self._along})
        self.setFixedHeight(grown(_HEIGHT))
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the plot has it, not its inside
        set_look(self, role="chart")
        self.view_range = ViewRange()
        self._traces: list[Trace] = []
        self._items: list[pg.PlotDataItem] = []
        self._signs: list[pg.ScatterPlotItem] = []
        self.at: float | None = None
        self._set_up()

    def _set_up(self) -> None:
        c = colors()
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.getViewBox().disableAutoRange()
        plot.layout.setContentsMargins(0, 0, Space.MEDIUM, Space.SMALL)  # no number is cut
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(c.line))
            axis.setTextPen(pg.mkPen(c.text))
            axis.enableAutoSIPrefix(False)
        self._cross = pg.InfiniteLine(pen=pg.mkPen(c.text, style=Qt.PenStyle.DotLine))
        self._bands = [_band_item() for _ in range(_MOST_BANDS)]
        self._band_texts = [pg.TextItem(color=c.warning, anchor=(0, 1)) for _ in self._bands]
        self._mark = pg.ScatterPlotItem(
            symbol=MARK, size=18, brush=pg.mkBrush(c.good), pen=pg.mkPen(c.surface)
        )
        for item in (*self._bands, *self._band_texts, self._cross, self._mark):
            item.setVisible(False)
            self.addItem(item, ignoreBounds=True)
        self._mark.setZValue(1)  # above the line's own signs

    def sizeHint(self) -> QSize:
        """Say how much room a plot likes to have."""
        return QSize(2 * grown(_HEIGHT), grown(_HEIGHT))

    def show_measure(self, measure: Measure) -> None:
        """Name the axes; another measure is looked at as a whole first."""
        plot = self.getPlotItem()
        c = colors()
        plot.getAxis("left").setLabel(measure.axis, color=c.text)
        plot.getAxis("bottom").setLabel(measure.along_name, color=c.text)
        self._along.whole = measure.along == "step"
        self.setAccessibleName(measure.title)
        self.view_range.reset()
        self.point_at(None)

    def show_traces(self, traces: Sequence[Trace]) -> None:
        """Draw these lines from now on; their points may grow, then :meth:`refresh`."""
        traces = list(traces)
        if [(t.name, t.role) for t in traces] != [(t.name, t.role) for t in self._traces]:
            for item in (*self._items, *self._signs):
                self.removeItem(item)
            self._items = [self.plot([], []) for _ in traces]
            self._signs = [self._signs_of(trace) for trace in traces]
        self._traces = traces
        self.refresh()

    def _signs_of(self, trace: Trace) -> pg.ScatterPlotItem:
        look = look_of(trace.role)
        item = pg.ScatterPlotItem(
            symbol=look.sign or "o", size=7, brush=pg.mkBrush(look.color()), pen=None
        )
        item.setVisible(bool(look.sign))
        self.addItem(item, ignoreBounds=True)
        return item

    def refresh(self) -> None:
        """Draw the lines as they are now."""
        filled = [trace.series for trace in self._traces if len(trace.series)]
        if filled:
            low, high = min(s.x[0] for s in filled), max(s.x[-1] for s in filled)
            self.view_range.grow(low, max(high, low + _SHORTEST))
        low, high = self.view_range.shown
        heights: list[float] = []
        for trace, item, signs in zip(self._traces, self._items, self._signs, strict=True):
            x, y = thinned(*trace.series.between(low, high), max(1, self.viewport().width()))
            item.setData(x, y, pen=line_pen(look_of(trace.role), len(x)))
            if signs.isVisible():
                signed = signed_points(len(x))
                signs.setData(x[signed], y[signed])
            if len(y):
                heights += [float(np.min(y)), float(np.max(y))]
        self.setXRange(low, high, padding=0.02)
        self._fit_height(heights)
        self._place_texts()

    def _fit_height(self, heights: list[float]) -> None:
        if not heights:
            self.setYRange(0, 1, padding=0)
            return
        low, high = min(heights), max(heights)
        lowest = low
        reach = _BAND_REACH * max(high - low, abs(high))
        for band in self._bands:
            bottom, top = band.getRegion()
            if band.isVisible() and bottom - high < reach and top > lowest:
                text_room = _ROOM * (top - lowest) if bottom == top else 0.0
                high, low = max(high, top + text_room), min(low, bottom)
        room = _ROOM * (high - low) or abs(high) * _ROOM or 1.0
        self.setYRange(low - room, high + room, padding=0)

    def _place_texts(self) -> None:
        low, _high = self.view_range.shown
        for band, text in zip(self._bands, self._band_texts, strict=True):
            self._place_band_text(low, band.getRegion(), text)

    def _place_band_text(self, x: float, region: tuple[float, float], text: pg.TextItem) -> None:
        """Beside the band, not in it: it may be too narrow; a line has its text above."""
        bottom, top = region
        least, most = self.getPlotItem().getViewBox().viewRange()[1]
        below = bottom < top and bottom > (least + most) / 2
        text.setAnchor((0, 0) if below else (0, 1))
        text.setPos(x, bottom if below else top)

    def show_bands(self, bands: Sequence[Band]) -> None:
        """Shade parts of the vertical axis, two at most, and name them."""
        for place, (item, text) in enumerate(zip(self._bands, self._band_texts, strict=True)):
            is_shown = place < len(bands)
            item.setVisible(is_shown)
            text.setVisible(is_shown)
            if is_shown:
                item.setRegion((bands[place].low, bands[place].high))
                text.setText(bands[place].text)

    def show_mark(self, point: tuple[float, float] | None) -> None:
        """Put a star at a point; what it means stands in the legend, where it hides nothing."""
        self._mark.setData([] if point is None else [point[0]], [] if point is None else [point[1]])
        self._mark.setVisible(point is not None)

    def describe(self, text: str) -> None:
        """Say in words what can be seen, for those who do not see it."""
        self.setAccessibleDescription(text)

    def point_at(self, x: float | None) -> None:
        """Show the cross line at the point nearest to ``x`` and tell which point that is."""
        leader = self.leader()
        if x is not None and leader is not None:
            x = float(leader.x[leader.nearest(x)])
        self.at = x if leader is not None else None
        self._cross.setVisible(self.at is not None)
        if self.at is not None:
            self._cross.setPos(self.at)
        self.pointed.emit(self.at)

    def leader(self) -> Series | None:
        """Return the longest line: the cross line goes from one of its points to the next."""
        filled = [trace.series for trace in self._traces if len(trace.series)]
        return max(filled, key=len, default=None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows another number of points."""
        super().resizeEvent(event)
        if hasattr(self, "_signs"):  # Qt resizes it while it is being made
            self.refresh()


def _band_item() -> pg.LinearRegionItem:
    return pg.LinearRegionItem(
        orientation="horizontal",
        movable=False,
        brush=band_brush(),
        pen=pg.mkPen(colors().warning, style=Qt.PenStyle.DashLine),
    )
