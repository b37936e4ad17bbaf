from __future__ import annotations

from typing import get_args

import pytest

from gui.measures import Role
from gui.theme import DARK, LIGHT, Colors
from gui.widgets.chart_looks import band_brush, line_pen, look_of, sign_of
from tests.gui.test_theme import contrast

ROLES = get_args(Role)


def test_no_two_lines_differ_by_colour_alone() -> None:
    shapes = {(look_of(r).style, look_of(r).sign, look_of(r).width) for r in ROLES}
    assert len(shapes) == len(ROLES)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ROLES)
def test_lines_can_be_seen(role: Role, colors: Colors) -> None:
    assert contrast(getattr(colors, look_of(role).paint), colors.surface) >= 3


def test_many_points_have_no_signs() -> None:
    assert sign_of("unseen", 10) == "s"
    assert sign_of("unseen", 1000) is None
    assert sign_of("main", 10) is None
    assert line_pen(look_of("other1")).style() is look_of("other1").style
    assert band_brush().color().alpha() < 255
