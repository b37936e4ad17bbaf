"""Colours, spacing and the one stylesheet, in a light and a dark version.

Fusion is drawn with an own palette, since its defaults miss the contrast that is asked for here:
text at least 4.5:1 and lines at least 3:1 against what is behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """Give the whole application its style, palette, fonts and stylesheet."""
    global _current  # noqa: PLW0603 - one application, one theme
    _current = _resolve(app, appearance)
    style = QStyleFactory.create("Fusion")  # not shown: a style's name
    if style is not None:
        app.setStyle(style)
    font = app.font()
    font.setPointSizeF(FontSize.BODY * text_scale)
    app.setFont(font)
    app.setPalette(palette_of(_current))
    app.setStyleSheet(stylesheet(_current, text_scale))


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
    """Return the stylesheet of the application for ``c``.

    Widgets ask for a look by name with a dynamic property, never by own colours::

        role = "title" | "heading" | "muted" | "small" | "figure" | "mono" | "badge"  (QLabel)
        tone = "good" | "warning" | "problem"                                  (QLabel)
        token = "trained" | "end" | "masked" | "cut"                           (QLabel)
        kind = "primary" | "quiet" | "link" | "help"                                    (buttons)
        card = "true" | "choice" | "chosen" | "good" | "warning" | "problem" | "neutral"  (QFrame)
    """

    def points(size: float) -> str:
        return f"{size * text_scale:.1f}pt"

    def image(name: str) -> str:
        variant = "dark" if c is DARK else "light"
        return icon_file(f"{name}-{variant}").as_posix()

    return (  # not shown: a stylesheet
        f"""
QToolTip {{ color: {c.text}; background: {c.surface}; border: 1px solid {c.line}; padding: 4px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {points(FontSize.TITLE)}; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {points(FontSize.LARGE)}; font-weight: 600; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="small"] {{ color: {c.muted}; font-size: {points(FontSize.SMALL)}; }}
QLabel[role="figure"] {{ font-size: {points(FontSize.FIGURE)}; font-weight: 600; }}
QLabel[role="mono"], QPlainTextEdit[role="mono"] {{
  font-family: "DejaVu Sans Mono", "Consolas", "Menlo", monospace;
}}
QLabel[token] {{ font-size: {points(FontSize.SMALL)}; padding: 1px 4px; }}
QLabel[token="trained"], QLabel[token="end"] {{
  color: {c.good}; background: {c.tint_good}; text-decoration: underline;
}}
QLabel[token="end"] {{ font-weight: 600; }}
QLabel[token="masked"] {{ color: {c.muted}; }}
QLabel[token="cut"] {{
  color: {c.problem}; background: {c.surface}; text-decoration: line-through;
}}
QLabel[tone="good"] {{ color: {c.good}; }}
QLabel[tone="warning"] {{ color: {c.warning}; }}
QLabel[tone="problem"] {{ color: {c.problem}; }}

QFrame[card="true"], QFrame[card="neutral"], QFrame[card="good"], QFrame[card="warning"],
QFrame[card="problem"] {{ border: 2px solid transparent; border-radius: {RADIUS}px; }}
QFrame[card="true"] {{ background: {c.surface}; }}
QFrame[card="choice"] {{
  background: {c.surface}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
}}
QFrame[card="chosen"] {{
  background: {c.surface}; border: 2px solid {c.accent}; border-radius: {RADIUS}px;
}}
QFrame[card="neutral"] {{ background: {c.tint_neutral}; }}
QFrame[card="good"] {{ background: {c.tint_good}; }}
QFrame[card="warning"] {{ background: {c.tint_warning}; }}
QFrame[card="problem"] {{ background: {c.tint_problem}; }}
QFrame[card]:focus {{ border: 2px solid {c.accent}; }}

QPushButton, QToolButton {{
  background: {c.surface}; color: {c.text}; border: 1px solid {c.line};
  border-radius: {RADIUS}px; padding: 6px 14px;
}}
QPushButton:hover, QToolButton:hover {{ background: {c.selection}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {c.accent}; padding: 5px 13px; }}
QPushButton:disabled, QToolButton:disabled {{ color: {c.muted}; background: {c.sunken}; }}
QPushButton:checked, QToolButton:checked {{
  background: {c.selection}; border: 2px solid {c.accent}; padding: 5px 13px;
}}
QPushButton[kind="primary"] {{
  background: {c.accent}; color: {c.on_accent}; border: 2px solid {c.accent};
  font-weight: 600; padding: 7px 20px;
}}
QPushButton[kind="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {c.text}; padding: 7px 20px; }}
QPushButton[kind="primary"]:disabled {{
  background: {c.sunken}; color: {c.muted}; border: 2px solid {c.line};
}}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{
  background: transparent; border: 1px solid transparent;
}}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {c.selection}; }}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {{
  border: 2px solid {c.accent};
}}
QPushButton[kind="quiet"]:disabled {{ background: transparent; }}
QPushButton[kind="link"] {{
  background: transparent; border: 1px solid transparent; color: {c.accent};
  padding: 2px 4px; text-align: left; text-decoration: underline;
}}
QPushButton[kind="link"]:focus {{ border: 2px solid {c.accent}; padding: 1px 3px; }}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QAbstractItemView {{
  background: {c.surface}; color: {c.text}; border: 1px solid {c.line};
  border-radius: {RADIUS}px; padding: 5px; selection-background-color: {c.selection};
  selection-color: {c.text};
}}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus, QAbstractItemView:focus {{ border: 2px solid {c.accent}; padding: 4px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{
  background: {c.sunken}; color: {c.muted};
}}
QPlainTextEdit[readOnly="true"], QTextEdit[readOnly="true"] {{ background: {c.window}; }}
QAbstractItemView {{
  alternate-background-color: {c.window}; padding: 0; gridline-color: {c.line};
}}
QAbstractItemView:focus {{ padding: 0; }}
QAbstractItemView::item {{ padding: 4px 1px; }}
QAbstractItemView::item:selected {{ background: {c.selection}; color: {c.text}; }}
QHeaderView {{ background: {c.sunken}; border: none; }}
QHeaderView::section {{
  background: {c.sunken}; color: {c.text}; border: none; border-right: 1px solid {c.line};
  padding: 6px; font-weight: 600;
}}

QGraphicsView[role="chart"] {{ border: 2px solid transparent; border-radius: {RADIUS}px; }}
QGraphicsView[role="chart"]:focus {{ border: 2px solid {c.accent}; }}

QCheckBox, QRadioButton {{ spacing: 8px; padding: 2px; background: transparent; }}
QCheckBox:focus, QRadioButton:focus {{
  border: 2px solid {c.accent}; border-radius: 4px; padding: 0;
}}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.muted}; }}

QRadioButton[role="choice"] {{ font-weight: 600; }}
QLabel[role="badge"] {{
  border: 1px solid {c.line}; border-radius: 9px; padding: 1px 8px; font-weight: 600;
}}
QPushButton[kind="mark"] {{ padding: 3px 9px; }}
QPushButton[kind="mark"]:focus {{ padding: 2px 8px; }}
QPushButton[kind="mark"]:checked {{
  background: {c.accent}; color: {c.on_accent}; padding: 2px 8px;
}}
QLabel[role="score"][current="yes"] {{ font-weight: 600; text-decoration: underline; }}
QToolButton[kind="tool"] {{ background: transparent; border-color: transparent; padding: 5px; }}
QToolButton[kind="tool"]:focus {{ border: 2px solid {c.accent}; padding: 4px; }}
QToolButton[kind="tool"]:hover {{ background: {c.selection}; }}
QToolButton[kind="tool"]::menu-indicator {{ image: none; }}
QToolButton[kind="help"] {{ background: transparent; border: 1px solid transparent; padding: 1px; }}
QToolButton[kind="help"]:focus {{ border: 2px solid {c.accent}; padding: 0; }}

QRadioButton::indicator, QCheckBox::indicator, QListView::indicator {{
  width: 14px; height: 14px; border: 2px solid {c.line}; background: {c.surface};
}}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator, QListView::indicator {{ border-radius: 4px; }}
QRadioButton::indicator:checked {{
  width: 8px; height: 8px; border: 5px solid {c.accent}; background: {c.surface};
}}
QCheckBox::indicator:checked, QListView::indicator:checked {{
  border: 2px solid {c.accent}; background: {c.accent}; image: url("{image("checked")}");
}}
QRadioButton::indicator:disabled, QCheckBox::indicator:disabled {{ background: {c.sunken}; }}
QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0 6px; }}
QAbstractSpinBox QLineEdit:focus {{ border: none; padding: 0 6px; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox QAbstractItemView, QComboBox QAbstractItemView:focus {{
  border: 1px solid {c.line}; border-radius: 0; padding: 0; outline: none;
}}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{image("arrow")}"); width: 12px; height: 12px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button {{ border: none; background: transparent; width: 20px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
  image: url("{image("arrow-up")}"); width: 10px; height: 10px;
}}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
  image: url("{image("arrow")}"); width: 10px; height: 10px;
}}

QProgressBar {{
  background: {c.sunken}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  min-height: 10px; max-height: 10px; qproperty-textVisible: false;
}}
QProgressBar::chunk {{ background: {c.accent}; border-radius: {RADIUS - 1}px; }}

QFileDialog QToolButton {{ padding: 3px; }}
QFileDialog QToolButton:focus, QFileDialog QToolButton:checked {{ padding: 2px; }}

QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {c.line}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {c.sunken}; }}
QTabBar::tab {{
  background: {c.sunken}; color: {c.text}; padding: 7px 16px; border: 1px solid {c.line};
  border-bottom: none; border-top-left-radius: {RADIUS}px; border-top-right-radius: {RADIUS}px;
}}
QTabBar::tab:selected {{ background: {c.surface}; font-weight: 600; }}
QTabBar::tab:focus {{ border: 2px solid {c.accent}; }}
QTabWidget::pane {{ border: 1px solid {c.line}; background: {c.surface}; }}

#sidebar {{ background: {c.sunken}; }}
#footer {{ background: {c.sunken}; }}
#stepButton {{
  text-align: left; border: 2px solid transparent; background: transparent;
  padding: 8px 10px; border-radius: {RADIUS}px;
}}
#stepButton:hover:enabled {{ background: {c.selection}; }}
#stepButton:focus {{ border: 2px solid {c.accent}; }}
#stepButton[status="current"] {{ background: {c.surface}; font-weight: 600; }}
#stepButton:disabled {{ color: {c.muted}; background: transparent; }}
"""
    )
