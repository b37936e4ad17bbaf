"""Colours, spacing and the one stylesheet, in a light and a dark version.

Fusion is drawn with an own palette, since its defaults miss the contrast that is asked for here:
text at least 4.5:1 and lines at least 3:1 against what is behind them.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

Appearance = Literal["system", "light", "dark"]
Tone = Literal["neutral", "good", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one version, as ``#rrggbb``.

    ``window`` lies behind everything, ``surface`` behind cards and fields, ``sunken`` behind the
    step list and things that cannot be changed. ``line`` draws borders and axes. ``tint_*`` are the
    backgrounds of messages, on which ``text`` and the colour of the same name are readable.
    """

    window: str
    surface: str
    sunken: str
    text: str
    muted: str
    line: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    good: str
    warning: str
    problem: str
    tint_neutral: str
    tint_good: str
    tint_warning: str
    tint_problem: str

    def of(self, tone: Tone) -> str:
        """Return the colour of text and icons that carry ``tone``."""
        return {
            "neutral": self.text,
            "good": self.good,
            "warning": self.warning,
            "problem": self.problem,
        }[tone]


LIGHT = Colors(
    window="#f5f6f8",
    surface="#ffffff",
    sunken="#e9ecf1",
    text="#1a1e26",
    muted="#50586a",
    line="#7b8494",
    accent="#1d5bb8",
    accent_hover="#174a97",
    on_accent="#ffffff",
    selection="#d7e5fb",
    good="#17693a",
    warning="#804b00",
    problem="#ad211a",
    tint_neutral="#e9f0fb",
    tint_good="#e4f4ea",
    tint_warning="#fdf0d8",
    tint_problem="#fce8e6",
)
DARK = Colors(
    window="#17191e",
    surface="#20242b",
    sunken="#111317",
    text="#e9ebf0",
    muted="#a9b1c0",
    line="#7a8395",
    accent="#8ab6ff",
    accent_hover="#adccff",
    on_accent="#0b1a33",
    selection="#2c4468",
    good="#7fd6a0",
    warning="#f2bf6b",
    problem="#ff9d94",
    tint_neutral="#222c3c",
    tint_good="#1d3226",
    tint_warning="#392d17",
    tint_problem="#40221f",
)


class Space:
    """Distances in pixels."""

    TINY = 4
    SMALL = 8
    MEDIUM = 12
    LARGE = 20
    HUGE = 32


class FontSize:
    """Sizes in points, before the user's text scale."""

    SMALL = 9.0
    BODY = 10.5
    LARGE = 13.0
    TITLE = 18.0
    FIGURE = 16.0


RADIUS = 6
BADGE_TONES: dict[str, Tone] = {
    "fits": "good",
    "tight": "warning",
    "wont_fit": "problem",
    "unknown": "neutral",
}
_current = LIGHT


def colors() -> Colors:
    """Return the colours in use."""
    return _current


def is_dark() -> bool:
    """Return whether the dark version is in use."""
    return _current is DARK


def application() -> QApplication:
    """Return the running application object."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("there is no QApplication")
    return app


def apply_theme(
    app: QApplication, appearance: Appearance = "system", text_scale: float = 1.0
) -> None:
    """Give the whole application its style, palette, fonts and stylesheet.

    Nothing is done where it looks so already: every widget would compute its style again.
    """
    global _current  # noqa: PLW0603 - one application, one theme
    _current = _resolve(app, appearance)
    sheet = stylesheet(_current, text_scale)
    if app.styleSheet() == sheet:
        return
    style = QStyleFactory.create("Fusion")  # not shown: a style's name
    if style is not None:
        app.setStyle(style)
    font = app.font()
    font.setPointSizeF(FontSize.BODY * text_scale)
    app.setFont(font)
    app.setPalette(palette_of(_current))
    app.setStyleSheet(sheet)


def _resolve(app: QApplication, appearance: Appearance) -> Colors:
    if appearance == "system":
        dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if appearance == "dark" else LIGHT


def palette_of(c: Colors) -> QPalette:
    """Return Qt's palette for ``c``, for everything that the stylesheet does not name."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: c.window,
        QPalette.ColorRole.WindowText: c.text,
        QPalette.ColorRole.Base: c.surface,
        QPalette.ColorRole.AlternateBase: c.window,
        QPalette.ColorRole.Text: c.text,
        QPalette.ColorRole.PlaceholderText: c.muted,
        QPalette.ColorRole.Button: c.surface,
        QPalette.ColorRole.ButtonText: c.text,
        QPalette.ColorRole.BrightText: c.problem,
        QPalette.ColorRole.Highlight: c.selection,
        QPalette.ColorRole.HighlightedText: c.text,
        QPalette.ColorRole.ToolTipBase: c.surface,
        QPalette.ColorRole.ToolTipText: c.text,
        QPalette.ColorRole.Link: c.accent,
        QPalette.ColorRole.LinkVisited: c.accent,
        QPalette.ColorRole.Accent: c.accent,
        QPalette.ColorRole.Light: c.surface,
        QPalette.ColorRole.Mid: c.line,
        QPalette.ColorRole.Dark: c.line,
        QPalette.ColorRole.Shadow: c.line,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.muted))
    return palette


def icon_file(name: str) -> Path:
    """Return the file of an icon, for the places where only a file will do."""
    return Path(str(resources.files("resources") / "icons" / f"{name}.svg"))


def stylesheet(c: Colors, text_scale: float = 1.0) -> str:
    """Return the stylesheet of the application for ``c``, from ``resources/style.qss``.

    Widgets ask for a look by name with a dynamic property, never by own colours::

        role = "title" | "heading" | "muted" | "small" | "figure" | "mono" | "badge"  (QLabel)
        tone = "good" | "warning" | "problem"                                  (QLabel)
        token = "trained" | "end" | "masked" | "cut"                           (QLabel)
        kind = "primary" | "quiet" | "link" | "help"                                    (buttons)
        card = "true" | "choice" | "chosen" | "good" | "warning" | "problem" | "neutral"  (QFrame)
    """
    values = {
        **asdict(c),
        "radius": f"{RADIUS}px",
        "inner_radius": f"{RADIUS - 1}px",
        "font_small": f"{FontSize.SMALL * text_scale:.1f}pt",
        "font_large": f"{FontSize.LARGE * text_scale:.1f}pt",
        "font_title": f"{FontSize.TITLE * text_scale:.1f}pt",
        "font_figure": f"{FontSize.FIGURE * text_scale:.1f}pt",
    }
    variant = "dark" if c is DARK else "light"
    template = (resources.files("resources") / "style.qss").read_text(encoding="utf-8")
    sheet = re.sub(r"/\*.*?\*/\s*", "", template, flags=re.S)
    sheet = re.sub(
        r"@image\(([\w-]+)\)", lambda m: icon_file(f"{m[1]}-{variant}").as_posix(), sheet
    )
    return re.sub(r"@(\w+)", lambda m: values[m[1]], sheet)
