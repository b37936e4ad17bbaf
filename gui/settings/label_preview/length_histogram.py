"""How long the examples are, with the line beyond which they are cut off."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from core import language
from core.language import _, ngettext
from gui.kit.labels import set_look
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors
from gui.kit.value_table import Values

_HEIGHT = 190
_BARS = 40
_NEAR_THE_EDGE = 0.7


class LengthHistogram(pg.PlotWidget):
    """Bars of examples over their length in tokens; the limit is a dashed line with its number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        c = colors()
        super().__init__(parent, background=c.surface)
        self.setAccessibleName(_("Lengths of the examples"))
        self.setFixedHeight(grown(_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_look(self, role="chart")
        self._set_up()
        self._bars = pg.BarGraphItem(
            x0=[], x1=[], height=[], brush=pg.mkBrush(c.accent), pen=pg.mkPen(c.surface)
        )
        self.addItem(self._bars)
        pen = pg.mkPen(c.problem, width=2, style=Qt.PenStyle.DashLine)
        self._line = pg.InfiniteLine(angle=90, pen=pen)
        self.addItem(self._line)
        self._text = pg.TextItem("", color=c.problem)
        self.addItem(self._text, ignoreBounds=True)
        self._edges, self._counts, self._longer = np.zeros(1), np.zeros(0), np.zeros(0)

    def _set_up(self) -> None:
        c = colors()
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.layout.setContentsMargins(0, 0, 0, Space.TINY)
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side, text in (("left", _("examples")), ("bottom", _("tokens"))):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(c.line))
            axis.setTextPen(pg.mkPen(c.text))
            axis.setLabel(text, color=c.text)
            axis.enableAutoSIPrefix(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def show_lengths(self, lengths: NDArray[np.integer], limit: int) -> None:
        """Draw the lengths in tokens and the line at ``limit``."""
        longest = int(lengths.max(initial=1))
        counts, edges = np.histogram(lengths, bins=min(_BARS, longest), range=(0, longest))
        self._edges, self._counts = edges, counts
        self._longer, _same = np.histogram(lengths[lengths > limit], bins=edges)
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], height=counts)
        right = 1.05 * max(longest, limit)
        if limit > 3 * longest:  # a far line would press the bars together
            right = 1.15 * longest
        self._line.setVisible(limit <= right)
        self._line.setPos(limit)
        self.setXRange(0, right, padding=0)
        self.setYRange(0, 1.4 * max(1, int(counts.max(initial=1))), padding=0)
        self._label(limit, right, int(counts.max(initial=1)))
        self.setAccessibleDescription(_in_words(lengths, limit))

    def values(self) -> Values:
        """Return the bars as a table: a row for each, and how many of it are cut off."""
        edges, counts, longer = self._edges, self._counts, self._longer
        drawn = np.flatnonzero(counts)

        def text(row: int, column: int) -> str:
            bar = int(drawn[row])
            if column:
                return language.number(int((counts, longer)[column - 1][bar]))
            first, behind = math.ceil(edges[bar]), math.ceil(edges[bar + 1])
            is_last = bar == len(counts) - 1  # only this bar holds its right edge
            last = behind if is_last else behind - 1
            if first == last:
                return language.number(first)
            return _("{first:,} to {last:,}", first=first, last=last)

        columns = (_("tokens"), _("examples"), _("cut off"))
        return Values(_("How long the examples are"), columns, len(drawn), text)

    def _label(self, limit: int, right: float, highest: int) -> None:
        is_far = limit > right
        near_edge = is_far or limit > _NEAR_THE_EDGE * right
        self._text.setAnchor((1.0 if near_edge else 0.0, 0.0))
        self._text.setText(
            _("limit at {limit:,}, far to the right", limit=limit)
            if is_far
            else _("cut off at {limit:,}", limit=limit)
        )
        self._text.setPos(min(limit, right), 1.38 * highest)


def _in_words(lengths: NDArray[np.integer], limit: int) -> str:
    longest = int(lengths.max(initial=1))
    examples = ngettext(
        "{count:,} example of {least:,} to {most:,} tokens, half of them up to {median:,}.",
        "{count:,} examples of {least:,} to {most:,} tokens, half of them up to {median:,}.",
        len(lengths),
        least=int(lengths.min(initial=longest)),
        most=longest,
        median=int(np.median(lengths)) if len(lengths) else 0,
    )
    longer = ngettext(
        "The limit is {limit:,} tokens. {count:,} is longer.",
        "The limit is {limit:,} tokens. {count:,} are longer.",
        int((lengths > limit).sum()),
        limit=limit,
    )
    return f"{examples} {longer}"
