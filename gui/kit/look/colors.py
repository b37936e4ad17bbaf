"""The colours: light, dark, and both again in high contrast.

``tests/gui/kit/test_theme.py`` measures them: text at least 4.5:1 and lines that carry meaning at
least 3:1 against whatever lies behind them. A hairline only separates and carries no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["neutral", "good", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one version, as ``#rrggbb``.

    Three surfaces: ``window`` lies behind everything, ``surface`` behind cards and fields,
    ``sunken`` behind the sidebar, bars and code. ``line`` draws the borders of fields and axes,
    ``hairline`` separates, ``outline`` goes around cards and buttons where there must be one.
    ``accent`` is for text and icons, ``fill`` for what is filled. ``focus`` frames what has the
    keyboard, ``focus_chosen`` where there is a frame already; both stand out from that frame.
    ``tint_*`` are the backgrounds of messages, on which ``text`` and the colour of the same name
    are readable.
    """

    window: str
    surface: str
    sunken: str
    text: str
    muted: str
    hairline: str
    line: str
    outline: str
    accent: str
    accent_hover: str
    focus: str
    focus_chosen: str
    fill: str
    fill_hover: str
    on_fill: str
    button: str
    button_hover: str
    selection: str
    good: str
    warning: str
    problem: str
    tint_neutral: str
    tint_good: str
    tint_warning: str
    tint_problem: str
    dark: bool = False

    def of(self, tone: Tone) -> str:
        """Return the colour of text and icons that carry ``tone``."""
        return {
            "neutral": self.text,
            "good": self.good,
            "warning": self.warning,
            "problem": self.problem,
        }[tone]


LIGHT = Colors(
    window="#f7f7f9",
    surface="#ffffff",
    sunken="#eeeef2",
    text="#1c1c22",
    muted="#5f5f6b",
    hairline="#e3e3e9",
    line="#82828f",
    outline="transparent",
    accent="#5340cf",
    accent_hover="#3f2db0",
    focus="#5340cf",
    focus_chosen="#1c1c22",
    fill="#5b47e0",
    fill_hover="#4a36c8",
    on_fill="#ffffff",
    button="#e7e7ed",
    button_hover="#dbdbe3",
    selection="#e6e2fb",
    good="#14693a",
    warning="#855000",
    problem="#b3241c",
    tint_neutral="#eeeef3",
    tint_good="#e6f4ec",
    tint_warning="#fdf1da",
    tint_problem="#fce9e7",
)
DARK = Colors(
    window="#17171b",
    surface="#202025",
    sunken="#111114",
    text="#ededf1",
    muted="#a4a4b0",
    hairline="#303037",
    line="#777784",
    outline="transparent",
    accent="#ada0ff",
    accent_hover="#c6bdff",
    focus="#ada0ff",
    focus_chosen="#ededf1",
    fill="#6d5af0",
    fill_hover="#5f4ce4",
    on_fill="#ffffff",
    button="#303038",
    button_hover="#3b3b44",
    selection="#37316a",
    good="#72d39a",
    warning="#f0bd6a",
    problem="#ff9a90",
    tint_neutral="#2a2a31",
    tint_good="#1a2e23",
    tint_warning="#352a16",
    tint_problem="#3d201e",
    dark=True,
)
CONTRAST_LIGHT = Colors(
    window="#ffffff",
    surface="#ffffff",
    sunken="#ffffff",
    text="#000000",
    muted="#1f1f1f",
    hairline="#000000",
    line="#000000",
    outline="#000000",
    accent="#2a0f9e",
    accent_hover="#1c0870",
    focus="#d1006b",
    focus_chosen="#d1006b",
    fill="#2a0f9e",
    fill_hover="#1c0870",
    on_fill="#ffffff",
    button="#ffffff",
    button_hover="#dcd5ff",
    selection="#dcd5ff",
    good="#004b1f",
    warning="#5a3000",
    problem="#8a0000",
    tint_neutral="#ffffff",
    tint_good="#ffffff",
    tint_warning="#ffffff",
    tint_problem="#ffffff",
)
CONTRAST_DARK = Colors(
    window="#000000",
    surface="#000000",
    sunken="#000000",
    text="#ffffff",
    muted="#e4e4e4",
    hairline="#ffffff",
    line="#ffffff",
    outline="#ffffff",
    accent="#ffe14d",
    accent_hover="#fff0a0",
    focus="#e8489f",
    focus_chosen="#e8489f",
    fill="#ffe14d",
    fill_hover="#fff0a0",
    on_fill="#000000",
    button="#000000",
    button_hover="#3d3500",
    selection="#3d3500",
    good="#7dffb0",
    warning="#ffc864",
    problem="#ffb3ab",
    tint_neutral="#000000",
    tint_good="#000000",
    tint_warning="#000000",
    tint_problem="#000000",
    dark=True,
)
