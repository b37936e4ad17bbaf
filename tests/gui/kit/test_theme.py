from __future__ import annotations

import re
from typing import get_args

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from gui.kit.look.colors import LIGHT, Colors
from gui.kit.theme import (
    Appearance,
    apply_theme,
    colors,
    palette_of,
    stylesheet,
)
from gui.training.charts.looks import line_pen, look_of
from gui.training.charts.measures import Role
from tests.gui.kit.look.test_colors import VERSIONS, contrast


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
