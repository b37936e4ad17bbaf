"""The one stylesheet and palette, filled with the colours, fonts and sizes of ``gui/kit/look``.

Fusion is drawn with an own palette, since its defaults miss the contrast that is asked for here:
text at least 4.5:1 and lines at least 3:1 against what is behind them.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from gui.kit.look.colors import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors, Tone
from gui.kit.look.fonts import CODE, FontSize, text_font
from gui.kit.look.sizes import ICON, RADIUS, SMALL_RADIUS, Space

Appearance = Literal["system", "light", "dark", "contrast"]
__all__ = ["DARK", "LIGHT", "Colors", "Space", "Tone"]  # not shown: names
_INDICATOR, _RING = 16, 5  # pixels at the usual size of text

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
    app.setFont(text_font(text_scale))
    app.setPalette(palette_of(_current))
    app.setStyleSheet(sheet)


def _resolve(app: QApplication, appearance: Appearance) -> Colors:
    hints = app.styleHints()
    dark = hints.colorScheme() is Qt.ColorScheme.Dark
    wanted = hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
    if appearance == "contrast" or (appearance == "system" and wanted):
        return CONTRAST_DARK if dark else CONTRAST_LIGHT
    return DARK if appearance == "dark" or (appearance == "system" and dark) else LIGHT


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


def _indicators(text_scale: float) -> dict[str, str]:
    """Return the sizes of the round and square signs of a choice, which grow with its text."""
    inside, ring = round(_INDICATOR * text_scale), round(_RING * text_scale)
    whole = inside + 2  # with a line of one pixel around it
    return {
        "indicator": f"{inside}px",
        "indicator_round": f"{whole // 2}px",
        "ring": f"{ring}px",
        "dot": f"{whole - 2 * ring}px",
    }


def stylesheet(c: Colors, text_scale: float = 1.0) -> str:
    """Return the stylesheet of the application for ``c``, from ``resources/style.qss``.

    Widgets ask for a look by name with a dynamic property, never by own colours::

        role = "title" | "heading" | "strong" | "muted" | "small" | "figure" | "hero" | "mono"
           | "badge" | "key"                                                 (QLabel)
        tone = "good" | "warning" | "problem"                                  (QLabel)
        token = "trained" | "end" | "masked" | "cut"                           (QLabel)
        kind = "primary" | "quiet" | "link" | "help"                                    (buttons)
        card = "true" | "choice" | "chosen" | "good" | "warning" | "problem" | "neutral"  (QFrame)
    """
    values = {
        **{name: str(value) for name, value in asdict(c).items()},
        "radius": f"{RADIUS}px",
        "small_radius": f"{SMALL_RADIUS}px",
        "icon": f"{round(ICON * text_scale)}px",
        **_indicators(text_scale),
        "font_small": f"{FontSize.SMALL * text_scale:.1f}pt",
        "font_large": f"{FontSize.LARGE * text_scale:.1f}pt",
        "font_title": f"{FontSize.TITLE * text_scale:.1f}pt",
        "font_code": f"{FontSize.CODE * text_scale:.1f}pt",
        "code": f'"{CODE}", "DejaVu Sans Mono", "Consolas", "Menlo", monospace',  # not shown
    }
    variant = "dark" if c.dark else "light"
    template = (resources.files("resources") / "style.qss").read_text(encoding="utf-8")
    sheet = re.sub(r"/\*.*?\*/\s*", "", template, flags=re.S)
    sheet = re.sub(
        r"@image\(([\w-]+)\)", lambda m: icon_file(f"{m[1]}-{variant}").as_posix(), sheet
    )
    return re.sub(r"@(\w+)", lambda m: values[m[1]], sheet)
