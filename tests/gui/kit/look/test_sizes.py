from __future__ import annotations

from gui.kit.look.sizes import LEAST_TARGET, RADIUS, READING, SMALL_RADIUS, WIDE, Space


def test_distances_are_multiples_of_four() -> None:
    sizes = [Space.TINY, Space.SMALL, Space.MEDIUM, Space.CARD, Space.LARGE, Space.HUGE]
    assert sizes == sorted(sizes)
    assert all(size % 4 == 0 for size in (*sizes, READING, WIDE, LEAST_TARGET, SMALL_RADIUS))


def test_what_lies_inside_is_less_round() -> None:
    assert SMALL_RADIUS < RADIUS
