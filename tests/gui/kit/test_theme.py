from __future__ import annotations

import re
from typing import get_args

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from gui.kit.look.colors import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colors
from gui.kit.theme import (
    Appearance,
    apply_theme,
    colors,
    palette_of,
    stylesheet,
)
from gui.training.charts.looks import line_pen, look_of
from gui.training.charts.measures import Role

EACH = {
    "light": LIGHT,
    "dark": DARK,
    "contrast light": CONTRAST_LIGHT,
    "contrast dark": CONTRAST_DARK,
}
VERSIONS = pytest.mark.parametrize("colors", EACH.values(), ids=EACH)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@VERSIONS
def test_text_is_readable_on_every_background(colors: Colors) -> None:
    backgrounds = [colors.window, colors.surface, colors.sunken, colors.selection]
    tints = [colors.tint_neutral, colors.tint_good, colors.tint_warning, colors.tint_problem]
    for background in backgrounds + tints:
        assert contrast(colors.text, background) >= 4.5
    for background in (*backgrounds[:3], *tints):
        assert contrast(colors.muted, background) >= 4.5
        assert contrast(colors.accent, background) >= 4.5


@VERSIONS
def test_tones_are_readable_where_they_occur(colors: Colors) -> None:
    pairs = [
        (colors.good, colors.tint_good),
        (colors.warning, colors.tint_warning),
        (colors.problem, colors.tint_problem),
    ]
    for tone, tint in pairs:
        for background in (tint, colors.window, colors.surface, colors.sunken):
            assert contrast(tone, background) >= 4.5
    assert contrast(colors.on_fill, colors.fill) >= 4.5
    assert contrast(colors.on_fill, colors.fill_hover) >= 4.5


@VERSIONS
def test_buttons_are_readable(colors: Colors) -> None:
    for behind in (colors.button, colors.button_hover, colors.selection):
        assert contrast(colors.text, behind) >= 4.5
    for behind in (colors.button, colors.window, colors.surface, colors.sunken):
        assert contrast(colors.muted, behind) >= 4.5  # one that is switched off
        assert contrast(colors.accent, behind) >= 3  # the line around one that is checked
    assert contrast(colors.window, colors.text) >= 4.5  # a toast


@VERSIONS
def test_high_contrast_is_seven_to_one(colors: Colors) -> None:
    if colors.outline == "transparent":
        return  # one of the usual ones
    tones = (colors.text, colors.muted, colors.accent, colors.good, colors.warning, colors.problem)
    for behind in (colors.window, colors.surface, colors.sunken, colors.tint_problem):
        for tone in (*tones, colors.line, colors.outline):
            assert contrast(tone, behind) >= 7


@VERSIONS
def test_lines_are_visible(colors: Colors) -> None:
    for background in (colors.window, colors.surface, colors.sunken):
        assert contrast(colors.fill, background) >= 3
        assert contrast(colors.line, background) >= 3
        assert contrast(colors.accent, background) >= 3


def declared(sheet: str, selector: str, name: str) -> str:
    """Return what the stylesheet says of a selector's own rule; the last one counts."""
    rules = re.findall(rf"^{re.escape(selector)} {{(.*?)}}", sheet, re.M | re.S)
    found = [re.search(rf"(?:^|[;\s]){name}: ([^;]+);", rule) for rule in rules]
    return next(match.group(1) for match in reversed(found) if match)


@VERSIONS
def test_what_is_filled_stands_out(colors: Colors) -> None:
    sheet = stylesheet(colors)
    groove = declared(sheet, "QProgressBar", "background")
    assert contrast(declared(sheet, "QProgressBar::chunk", "background"), groove) >= 3
    page = declared(sheet, "QScrollBar::handle", "background")
    assert contrast(page, colors.window) >= 3
    for state in ("QRadioButton::indicator:checked", 'QGraphicsView[role="chart"]:focus'):
        assert contrast(declared(sheet, state, "border").split()[-1], colors.surface) >= 3


def test_no_text_lies_over_a_fill() -> None:
    assert declared(stylesheet(LIGHT), "QProgressBar", "qproperty-textVisible") == "false"


def blend(color: QColor, background: str) -> str:
    """Return what a translucent colour looks like on a background."""
    share, behind = color.alphaF(), QColor(background)
    pairs = ((color.red(), behind.red()), (color.green(), behind.green()),
             (color.blue(), behind.blue()))  # fmt: skip
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_every_line_of_a_plot_stands_out(appearance: Appearance, qapp: QApplication) -> None:
    apply_theme(qapp, appearance)
    for role in get_args(Role):
        line = line_pen(look_of(role), points=100).color()
        assert contrast(blend(line, colors().surface), colors().surface) >= 3, role
    apply_theme(qapp, "light")


@VERSIONS
def test_the_palette_and_the_stylesheet_use_only_these_colours(colors: Colors) -> None:
    known = set(vars_of(colors))
    used = {word.rstrip(";") for word in stylesheet(colors).split() if word.startswith("#")}
    hexes = {word for word in used if len(word) == 7 and not word[1:].isalpha()}
    assert hexes
    assert hexes <= known
    palette = palette_of(colors)
    for role in (palette.ColorRole.Window, palette.ColorRole.Base, palette.ColorRole.Text):
        assert palette.color(role).name() in known


def vars_of(colors: Colors) -> list[str]:
    return [getattr(colors, name) for name in Colors.__dataclass_fields__]


def test_the_text_scale_changes_font_sizes() -> None:
    assert "18.0pt" in stylesheet(LIGHT)
    assert "27.0pt" in stylesheet(LIGHT, 1.5)
