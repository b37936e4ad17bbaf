from __future__ import annotations

import pytest

from gui.training.charts.view_range import Span


@pytest.fixture
def span() -> Span:
    return Span(whole=(0.0, 100.0))


def test_the_whole_grows_and_a_piece_stands_still(span: Span) -> None:
    span.grow(0, 200)
    assert span.shown == (0, 200)
    span.look_at(50, 20)
    span.grow(0, 400)
    assert span.shown == (20, 50)
    span.reset()
    assert span.shown == (0, 400)


def test_zoom_keeps_the_place_that_is_pointed_at(span: Span) -> None:
    span.zoom(0.5, 25)
    assert span.shown == (12.5, 62.5)
    span.zoom(2, 25)
    assert span.piece is None, "back at the whole"


def test_nobody_can_look_beyond_the_data_or_at_nothing(span: Span) -> None:
    span.look_at(-50, 40)
    assert span.shown == (0, 40)
    span.look_at(10, 10)
    assert span.shown == (0, 40)
    for _ in range(100):
        span.zoom(0.5, 10)
    low, high = span.shown
    assert high > low
    span.zoom(0.5, 1000)
    assert span.shown[1] <= 100


def test_a_place_outside_moves_the_piece(span: Span) -> None:
    span.look_at(20, 40)
    span.reveal(45)
    assert span.shown == (25, 45)
    span.reveal(10)
    assert span.shown == (10, 30)
    span.reveal(15)
    assert span.shown == (10, 30)
    span.reset()
    span.reveal(500)
    assert span.piece is None


def test_one_point_is_a_whole_too() -> None:
    span = Span()
    span.grow(3, 3)
    assert span.shown[0] < span.shown[1]


@pytest.mark.parametrize("around", [0.3, 333.3, 871.1, 998.9])
def test_zooming_in_and_out_again_shows_the_whole(around: float) -> None:
    span = Span(whole=(0.0, 999.0))
    for factor in (0.8, 0.8, 0.8, 1 / 0.8, 1 / 0.8, 1 / 0.8):
        span.zoom(factor, around)
    assert span.piece is None
