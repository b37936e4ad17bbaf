"""How the lines of a plot differ: colour, dashes and signs, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from gui.kit.theme import colors
from gui.training.charts.measures import Role

_FAINT = 170  # alpha of the raw line, of 255: fainter would miss a contrast of 3:1
_BAND = 50


@dataclass(frozen=True, slots=True)
class LineLook:
    """A line: the theme's colour by name, its width, dashes, and a sign at each point."""

    paint: str
    width: float
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    sign: str = ""
    alpha: int = 255

    def color(self) -> QColor:
        """Return the colour in the theme that is in use."""
        made = QColor(getattr(colors(), self.paint))
        made.setAlpha(self.alpha)
        return made


_LOOKS: dict[Role, LineLook] = {
    "main": LineLook("accent", 2),
    "faint": LineLook("accent", 1, alpha=_FAINT),
    "unseen": LineLook("warning", 2, Qt.PenStyle.DashLine, "s"),
    "second": LineLook("muted", 2, Qt.PenStyle.DashLine, "x"),
    "other1": LineLook("good", 2, Qt.PenStyle.DotLine, "t1"),
    "other2": LineLook("problem", 2, Qt.PenStyle.DashDotLine, "d"),
    "other3": LineLook("text", 2, Qt.PenStyle.DashDotDotLine, "o"),
    "other4": LineLook("muted", 3, Qt.PenStyle.DashLine, "+"),
}
MARK = "star"  # the best point
_DENSE, _DENSE_FAINT = 400, 70  # this many points of the raw line would cover the smoothed one
_MOST_DASHED = 150  # points; dashes along the zigzag of more take too long, and nobody sees them
_MOST_SIGNS = 60  # points that each have a sign; of more, a few have one
_FEW_SIGNS = 12


def look_of(role: Role) -> LineLook:
    """Return how lines of this role are drawn."""
    return _LOOKS[role]


def line_pen(look: LineLook, points: int = 0) -> QPen:
    """Return the pen of a line of this many points."""
    style = look.style if points <= _MOST_DASHED else Qt.PenStyle.SolidLine
    color = look.color()
    if look.alpha < 255 and points > _DENSE:
        color.setAlpha(_DENSE_FAINT)
    pen: QPen = pg.mkPen(color, width=look.width, style=style)
    return pen


def signed_points(points: int) -> slice:
    """Return which points of a line have a sign."""
    return slice(None, None, 1 if points <= _MOST_SIGNS else max(1, points // _FEW_SIGNS))


def band_brush() -> QBrush:
    """Return the shade of a band."""
    color = QColor(colors().warning)
    color.setAlpha(_BAND)
    brush: QBrush = pg.mkBrush(color)
    return brush
