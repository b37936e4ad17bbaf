"""The two plots of a training: how wrong the model is, and how warm the card is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.theme import colors
from gui.widgets.labels import set_look

_HEIGHT = 250
_BAND_BELOW = 6.0  # °C below the slow-down point at which the warning band begins
_NEAR_THE_EDGE = 0.85
_FAINT = 170  # alpha of the raw line, of 255: fainter would miss a contrast of 3:1


class Chart(pg.PlotWidget):
    """A plot in the colours of the theme that lets the page scroll under the wheel."""

    def __init__(self, name: str, left: str, bottom: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=colors().surface)
        self.setAccessibleName(name)
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_look(self, role="chart")
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side, text in (("left", left), ("bottom", bottom)):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(colors().line))
            axis.setTextPen(pg.mkPen(colors().text))
            axis.setLabel(text, color=colors().text)
            axis.enableAutoSIPrefix(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def describe(self, text: str) -> None:
        """Say in words what can be seen, for those who do not see it."""
        self.setAccessibleDescription(text)

    def _line(
        self, name: str, color: str, width: float, *, dashed: bool = False
    ) -> pg.PlotDataItem:
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        item = self.plot([], [], pen=pg.mkPen(color, width=width, style=style), name=name)
        item.setDownsampling(auto=True, method="peak")
        item.setClipToView(True)
        return item


class LossChart(Chart):
    """Loss of practice (raw faint under smoothed) and of unseen examples on one axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("How wrong the model is", "how wrong (loss)", "step", parent)
        c = colors()
        legend = self.getPlotItem().addLegend(offset=(-12, 4), labelTextColor=c.text)
        legend.setBrush(pg.mkBrush(c.surface))
        faint = QColor(c.accent)
        faint.setAlpha(_FAINT)
        self._raw = self._line("practice, each step", faint, 1)
        self._smoothed = self._line("practice, smoothed", c.accent, 2)
        self._checks = self._line("unseen examples", c.warning, 2, dashed=True)
        self._checks.setSymbol("s")
        self._checks.setSymbolSize(7)
        self._checks.setSymbolBrush(c.warning)
        self._checks.setSymbolPen(c.warning)
        self._best = pg.ScatterPlotItem(
            symbol="star", size=18, brush=pg.mkBrush(c.good), pen=pg.mkPen(c.surface), name="best"
        )
        self.addItem(self._best)
        self._best_text = pg.TextItem("best so far", color=c.good, anchor=(0.5, 1.4))
        self._best_text.hide()
        self.addItem(self._best_text, ignoreBounds=True)

    def show_losses(
        self,
        raw: tuple[Sequence[float], Sequence[float]],
        smoothed: tuple[Sequence[float], Sequence[float]],
        checks: tuple[Sequence[float], Sequence[float]],
        best: tuple[int, float] | None,
    ) -> None:
        """Draw steps and losses; each pair is (steps, losses in nats per trained token)."""
        for item, points in ((self._raw, raw), (self._smoothed, smoothed), (self._checks, checks)):
            item.setData(np.array(points[0], dtype=float), np.array(points[1], dtype=float))
        self._best.setData([] if best is None else [best[0]], [] if best is None else [best[1]])
        self._best_text.setVisible(best is not None)
        if best is not None:
            last = max(raw[0][-1] if len(raw[0]) else 0, best[0], 1)
            self._best_text.setAnchor((1.0 if best[0] > _NEAR_THE_EDGE * last else 0.5, 1.4))
            self._best_text.setPos(*best)
        self.describe(_loss_in_words(smoothed, checks, best))


def _loss_in_words(
    smoothed: tuple[Sequence[float], Sequence[float]],
    checks: tuple[Sequence[float], Sequence[float]],
    best: tuple[int, float] | None,
) -> str:
    if not len(smoothed[0]):
        return "No step has been done yet."
    text = f"Step {int(smoothed[0][-1])}: practice {smoothed[1][-1]:.2f}"
    if len(checks[0]):
        text += f", unseen examples {checks[1][-1]:.2f}"
    if best is not None:
        text += f"; best {best[1]:.2f} at step {best[0]}"
    return text + "."


class TemperatureChart(Chart):
    """Temperature of the card with the band in which it begins to slow itself down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Temperature of the graphics card", "°C", "minutes", parent)
        c = colors()
        band = QColor(c.warning)
        band.setAlpha(50)
        self._curve = self._line("temperature", c.accent, 2)
        self._band = pg.LinearRegionItem(
            orientation="horizontal",
            movable=False,
            brush=pg.mkBrush(band),
            pen=pg.mkPen(c.warning, style=Qt.PenStyle.DashLine),
        )
        self._band.hide()
        self.addItem(self._band)
        self._band_text = pg.TextItem("slows itself down", color=c.warning, anchor=(0, 0))
        self._band_text.hide()
        self.addItem(self._band_text, ignoreBounds=True)

    def show_temperatures(
        self, minutes: Sequence[float], degrees: Sequence[float], slowdown_at: float | None
    ) -> None:
        """Draw °C over minutes; the band ends at ``slowdown_at``."""
        self._curve.setData(np.array(minutes, dtype=float), np.array(degrees, dtype=float))
        shown = slowdown_at is not None and len(minutes) > 0
        self._band.setVisible(shown)
        self._band_text.setVisible(shown)
        if shown and slowdown_at is not None:
            self._band.setRegion((slowdown_at - _BAND_BELOW, slowdown_at))
            self._band_text.setPos(minutes[0], slowdown_at)
        self.describe(
            f"Now {degrees[-1]:.0f} °C, highest {max(degrees):.0f} °C."
            if len(degrees)
            else "No reading yet."
        )
