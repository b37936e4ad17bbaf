"""The fonts that come with the application; all other scripts come from the system."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

TEXT = "Inter"  # not shown: a font
CODE = "JetBrains Mono"  # not shown: a font
_FILES = ("Inter-Regular", "Inter-Medium", "Inter-SemiBold", "JetBrainsMono-Regular")


class FontSize:
    """Sizes in points, before the user's text scale: 12, 14, 17 and 24 pixels on most screens."""

    SMALL = 9.0
    CODE = 9.75  # the monospaced letters are larger
    BODY = 10.5
    LARGE = 12.75
    TITLE = 18.0


@cache
def load_fonts() -> None:
    """Make the fonts known to Qt, once."""
    folder = resources.files("resources") / "fonts"
    for name in _FILES:
        data = (folder / f"{name}.ttf").read_bytes()
        QFontDatabase.addApplicationFontFromData(QByteArray(data))


def text_font(scale: float = 1.0) -> QFont:
    """Return the font of all text that asks for no other."""
    load_fonts()
    font = QFont(TEXT)
    font.setPointSizeF(FontSize.BODY * scale)
    return font


def grown(pixels: int) -> int:
    """Return how large something of this size is now: what stands beside text grows with it."""
    return round(pixels * QGuiApplication.font().pointSizeF() / FontSize.BODY)


def code_font(text: QFont) -> QFont:
    """Return the monospaced font that goes with a font of text."""
    load_fonts()
    font = QFont(CODE)
    font.setPointSizeF(text.pointSizeF() * FontSize.CODE / FontSize.BODY)
    return font
