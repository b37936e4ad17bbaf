"""The application's own icons, drawn in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.kit.look.fonts import grown
from gui.kit.theme import colors

_SCALE = 2  # drawn at twice the size, for screens with small pixels


def icon(name: str, color: str = "") -> QIcon:
    """Return the icon ``name`` in ``color`` (default: the colour of text)."""
    return QIcon(pixmap(name, color, 32))


def pixmap(name: str, color: str = "", size: int = 18) -> QPixmap:
    """Return the icon as a pixmap that is ``size`` pixels wide and high beside normal text."""
    return _draw(name, color or colors().text, grown(size))


@lru_cache(maxsize=256)
def _draw(name: str, color: str, size: int) -> QPixmap:
    source = resources.files("resources").joinpath("icons", f"{name}.svg").read_text("utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("#000000", color).encode()))
    drawn = QPixmap(size * _SCALE, size * _SCALE)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, size * _SCALE, size * _SCALE))
    painter.end()
    drawn.setDevicePixelRatio(_SCALE)
    return drawn


def forget_pixmaps() -> None:
    """Drop drawn icons; needed before the application object goes away."""
    _draw.cache_clear()
