from __future__ import annotations

import pytest

from gui.training.charts.view_range import ViewRange


@pytest.fixture
def view_range() -> ViewRange:
    return ViewRange(whole=(0.0, 100.0))


def test_the_whole_grows_and_a_piece_stands_still(view_range: ViewRange) -> None:
    view_range.grow(0, 200)
    assert view_range.shown == (0, 200)
    view_range.look_at(50, 20)
    view_range.grow(0, 400)
    assert view_range.shown == (20, 50)
    view_range.reset()
    assert view_range.shown == (0, 400)


def test_zoom_keeps_the_place_that_is_pointed_at(view_range: ViewRange) -> None:
    view_range.zoom(0.5, 25)
    assert view_range.shown == (12.5, 62.5)
    view_range.zoom(2, 25)
    assert view_range.piece is None, "back at the whole"


def test_nobody_can_look_beyond_the_data_or_at_nothing(view_range: ViewRange) -> None:
    view_range.look_at(-50, 40)
    assert view_range.shown == (0, 40)
    view_range.look_at(10, 10)
    assert view_range.shown == (0, 40)
    for _ in range(100):
        view_range.zoom(0.5, 10)
    low, high = view_range.shown
    assert high > low
    view_range.zoom(0.5, 1000)
    assert view_range.shown[1] <= 100


def test_a_place_outside_moves_the_piece(view_range: ViewRange) -> None:
    view_range.look_at(20, 40)
    view_range.reveal(45)
    assert view_range.shown == (25, 45)
    view_range.reveal(10)
    assert view_range.shown == (10, 30)
    view_range.reveal(15)
    assert view_range.shown == (10, 30)
    view_range.reset()
    view_range.reveal(500)
    assert view_range.piece is None


def test_one_point_is_a_whole_too() -> None:
    view_range = ViewRange()
    view_range.grow(3, 3)
    assert view_range.shown[0] < view_range.shown[1]


@pytest.mark.parametrize("around", [0.3, 333.3, 871.1, 998.9])
def test_zooming_in_and_out_again_shows_the_whole(around: float) -> None:
    view_range = ViewRange(whole=(0.0, 999.0))
    for factor in (0.8, 0.8, 0.8, 1 / 0.8, 1 / 0.8, 1 / 0.8):
        view_range.zoom(factor, around)
    assert view_range.piece is None
