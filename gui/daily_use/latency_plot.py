"""How long the newest answers took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core import language
from core.language import _, ngettext
from gui.kit.labels import set_look
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors
from gui.kit.value_table import Values

_HEIGHT = 170


class LatencyPlot(pg.PlotWidget):
    """One dot for each answer, oldest first, and a line at the median."""

    def __init__(self, parent: QWidget | None = None) -> None:
        c = colors()
        super().__init__(parent, background=c.surface)
        self.setAccessibleName(_("Time of each answer"))
        self.setFixedHeight(grown(_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_look(self, role="chart")
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.layout.setContentsMargins(0, 0, Space.MEDIUM, Space.TINY)
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side, text in (("left", _("seconds")), ("bottom", _("answers, oldest first"))):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(c.line))
            axis.setTextPen(pg.mkPen(c.text))
            axis.setLabel(text, color=c.text)
            axis.enableAutoSIPrefix(False)
        self._dots = pg.ScatterPlotItem(size=6, brush=pg.mkBrush(c.accent), pen=None)
        pen = pg.mkPen(c.text, width=1, style=Qt.PenStyle.DashLine)
        self._median = pg.InfiniteLine(angle=0, pen=pen)
        self.addItem(self._dots)
        self.addItem(self._median, ignoreBounds=True)
        self._times: Sequence[tuple[float, float]] = ()

    def wheelEvent(self, event: object) -> None:
        """Leave the wheel to the page."""
        event.ignore()  # type: ignore[attr-defined]

    def show_times(self, times: Sequence[tuple[float, float]]) -> None:
        """Draw these (moment, seconds)."""
        self._times = times
        seconds = np.array([taken for _at, taken in times])
        count = len(seconds)
        self._dots.setData(np.arange(1, count + 1), seconds)
        self._median.setVisible(count > 0)
        if not count:
            return
        middle, most = float(np.median(seconds)), float(seconds.max())
        self._median.setPos(middle)
        every = max(1, 5 * round(count / 40))
        self.getPlotItem().getAxis("bottom").setTickSpacing(levels=[(every, 0)])
        self.setXRange(0, count + 1, padding=0)
        self.setYRange(0, 1.1 * most or 1.0, padding=0)
        self.setAccessibleDescription(
            ngettext(
                "{count:,} answer. It took {most:.1f} s.",
                "{count:,} answers. Half took less than {middle:.1f} s, the slowest {most:.1f} s.",
                count,
                middle=middle,
                most=most,
            )
        )

    def values(self) -> Values:
        """Return the answers as a table, oldest first, with when each was given."""
        times = self._times

        def text(row: int, column: int) -> str:
            moment, seconds = times[row]
            given = language.date_and_time(datetime.fromtimestamp(moment))
            cells = (language.number(row + 1), given, _("{seconds:.1f} s", seconds=seconds))
            return cells[column]

        columns = (_("answer"), _("given"), _("time"))
        return Values(_("Time of each answer"), columns, len(times), text)
