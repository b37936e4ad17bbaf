"""Looking often does not find more where nothing is: checked by counting all series."""

import itertools

import pytest

from core.evaluation.rating.sequential import Look, boundaries, looks_of, strictness


def test_there_is_a_look_after_every_ten_and_at_the_end():
    outcomes = ["tuned"] * 6 + ["tie"] * 4 + ["base"] * 3
    assert looks_of(outcomes) == [Look(10, 6, 6), Look(13, 9, 6)]
    assert looks_of([]) == []


def test_one_look_at_the_end_is_the_sign_test():
    (needed,) = boundaries([Look(10, 10, 0)], 10, 0.05)
    assert needed == 9  # 2 * 11 / 1024 = 0.021; with 8: 0.109


@pytest.mark.parametrize("every", [2, 4, 8])
def test_the_error_is_not_exceeded_however_often_it_is_looked(every):
    looks = [Look(n, n, 0) for n in range(every, 17, every)]
    needed = boundaries(looks, 16, 0.05)
    ended = 0
    for throws in itertools.product((0, 1), repeat=16):
        wins = list(itertools.accumulate(throws))
        ended += any(
            max(wins[look.decided - 1], look.decided - wins[look.decided - 1]) >= limit
            for look, limit in zip(looks, needed, strict=True)
        )
    assert 0 < ended / 2**16 <= 0.05


def test_the_interval_leaves_even_odds_exactly_at_the_boundary():
    assert strictness(9, 10, 0.0) == pytest.approx((2 * 8 - 10) / 10**0.5)
    assert strictness(9, 0, 1.96) == 1.96
    assert strictness(6, 10, 1.96) == 1.96
