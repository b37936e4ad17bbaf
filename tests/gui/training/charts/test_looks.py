from __future__ import annotations

from typing import get_args

import pytest
from PySide6.QtCore import Qt

from gui.kit.theme import DARK, LIGHT, Colors
from gui.training.charts.looks import band_brush, line_pen, look_of, signed_points
from gui.training.charts.measures import Role
from tests.gui.kit.test_theme import contrast

ROLES = get_args(Role)


def test_no_two_lines_differ_by_colour_alone() -> None:
    shapes = {(look_of(r).style, look_of(r).sign, look_of(r).width) for r in ROLES}
    assert len(shapes) == len(ROLES)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ROLES)
def test_lines_can_be_seen(role: Role, colors: Colors) -> None:
    assert contrast(getattr(colors, look_of(role).paint), colors.surface) >= 3


def test_long_lines_are_quick_to_draw_and_still_have_signs() -> None:
    look = look_of("other1")
    assert line_pen(look, 20).style() is look.style
    assert line_pen(look, 1000).style() is Qt.PenStyle.SolidLine
    assert (
        line_pen(look_of("faint"), 900).color().alpha() < line_pen(look_of("faint")).color().alpha()
    )
    assert len(range(20)[signed_points(20)]) == 20
    assert 10 <= len(range(1000)[signed_points(1000)]) <= 14
    assert band_brush().color().alpha() < 255
