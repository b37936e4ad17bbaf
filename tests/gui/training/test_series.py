from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.training.series import Series, thinned


def series_of(*points: tuple[float, float]) -> Series:
    made = Series()
    for x, y in points:
        made.add(x, y)
    return made


def test_points_are_kept_through_growth() -> None:
    series = Series()
    for n in range(1000):
        series.add(n, 2 * n)
    assert len(series) == 1000
    assert list(series.x) == list(range(1000))
    assert list(series.y) == list(range(0, 2000, 2))


def test_what_lies_beyond_is_cut() -> None:
    series = series_of((1, 1), (2, 2), (3, 3))
    series.cut_after(2)
    assert list(series.x) == [1, 2]
    series.cut_after(0)
    assert len(series) == 0
    series.add(7, 8)
    assert list(series.y) == [8]


def test_a_piece_has_a_neighbour_on_each_side() -> None:
    series = series_of(*((n, n) for n in range(10)))
    assert list(series.between(3, 5)[0]) == [2, 3, 4, 5, 6]
    assert list(series.between(-5, 0.5)[0]) == [0, 1]
    assert list(series.between(8.5, 99)[0]) == [8, 9]


def test_the_nearest_point() -> None:
    series = series_of((0, 0), (10, 0), (20, 0))
    assert [series.nearest(x) for x in (-3, 4, 6, 15, 16, 99)] == [0, 0, 1, 1, 2, 2]


def test_a_copy_does_not_grow() -> None:
    series = series_of((1, 1))
    copy = series.copy()
    series.add(2, 2)
    assert list(copy.x) == [1]


@given(st.lists(st.floats(-1e6, 1e6), max_size=500), st.integers(1, 40))
def test_thinning_keeps_every_share_its_peaks_and_the_order(ys: list[float], columns: int) -> None:
    y = np.array(ys, dtype=float)
    x = np.arange(len(y), dtype=float)
    few_x, few_y = thinned(x, y, columns)
    assert len(few_x) <= max(4 * columns, 2 * columns + len(y) // columns + 2, 4)
    assert list(few_x) == sorted(few_x)
    assert all(y[int(place)] == value for place, value in zip(few_x, few_y, strict=True))
    if len(y):
        assert few_y.min() == y.min()
        assert few_y.max() == y.max()


def test_a_hundred_thousand_points_become_a_screenful() -> None:
    x = np.arange(100_000, dtype=float)
    y = np.sin(x)
    y[77_777] = 50.0
    few_x, few_y = thinned(x, y, 600)
    assert len(few_x) < 2000
    assert few_x[int(few_y.argmax())] == 77_777
