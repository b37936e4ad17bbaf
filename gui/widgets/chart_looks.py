"""How the lines of a plot differ: colour, dashes and signs, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from gui.measures import Role
from gui.theme import colors

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
    "other1": LineLook("good", 2, Qt.PenStyle.DotLine, "t1"),
    "other2": LineLook("problem", 2, Qt.PenStyle.DashDotLine, "d"),
    "other3": LineLook("text", 2, Qt.PenStyle.DashDotDotLine, "o"),
    "other4": LineLook("muted", 3, Qt.PenStyle.DashLine, "+"),
}
_MOST_SIGNS = 60  # more would hide the line


def look_of(role: Role) -> LineLook:
    """Return how lines of this role are drawn."""
    return _LOOKS[role]


def line_pen(look: LineLook) -> QPen:
    """Return the pen of a line."""
    return pg.mkPen(look.color(), width=look.width, style=look.style)


def sign_of(role: Role, points: int = 0) -> str | None:
    """Return the sign at each point, ``None`` where there are too many of them."""
    return _LOOKS[role].sign or None if points <= _MOST_SIGNS else None


def band_brush() -> QBrush:
    """Return the shade of a band."""
    color = QColor(colors().warning)
    color.setAlpha(_BAND)
    return pg.mkBrush(color)
