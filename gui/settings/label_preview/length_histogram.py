"""How long the examples are, with the line beyond which they are cut off."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from core.language import _, ngettext
from gui.kit.labels import set_look
from gui.kit.look.fonts import grown
from gui.kit.theme import Space, colors

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
