import numpy as np
import pytest

from core.evaluation.intervals import drawn, of_mean, of_resamples, of_shares, t_quantile


@pytest.mark.parametrize(
    ("share", "freedom", "wanted"),
    [(0.975, 1, 12.706), (0.975, 4, 2.776), (0.975, 24, 2.064), (0.995, 9, 3.250),
     (0.9995, 3, 12.924), (0.975, 1000, 1.962)],
)  # fmt: skip
def test_t_as_in_the_tables(share: float, freedom: int, wanted: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(wanted, abs=6e-4)


def test_the_same_examples_give_the_same_interval() -> None:
    changes = np.random.default_rng(3).normal(0.3, 1, 30)
    assert of_mean(changes) == of_mean(changes)
    assert sum(len(weights) for weights in drawn(30)) == 10_000
    assert all((weights.sum(axis=1) == 5000).all() for weights in drawn(5000))


def test_the_interval_of_a_mean_is_that_of_student() -> None:
    changes = np.random.default_rng(4).normal(2, 1, 20)
    interval = of_mean(changes)
    half = t_quantile(0.975, 19) * changes.std(ddof=1) / np.sqrt(20)
    assert interval.low == pytest.approx(changes.mean() - half, abs=0.06)
    assert interval.high == pytest.approx(changes.mean() + half, abs=0.06)


def test_shares_that_never_differ_still_have_a_width() -> None:
    """Worked out by hand: z² / (n + z²)."""
    interval = of_shares(0, 0, 25)
    assert interval.high == -interval.low == pytest.approx(3.8415 / 28.8415, abs=1e-4)
    assert of_shares(25, 0, 25).low > 0.7
    assert of_shares(0, 25, 25).high < -0.7


def test_shares_against_a_published_interval() -> None:
    """12 gained and 2 lost of 50: 0.061 to 0.345 by Tango's score method."""
    interval = of_shares(12, 2, 50)
    assert (interval.low, interval.high) == pytest.approx((0.061, 0.345), abs=1e-3)
    mirrored = of_shares(2, 12, 50)
    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low))


def test_more_comparisons_need_a_clearer_difference() -> None:
    alone, among = of_shares(9, 1, 40), of_shares(9, 1, 40, compared=8)
    assert alone.word(0.1) == "better"
    assert among.word(0.1) == "unknown"
    assert (alone.low, alone.high) == (among.low, among.high)
    assert alone.word(0.1, lower_is_better=True) == "worse"


def test_equal_is_only_said_where_no_change_that_matters_is_left() -> None:
    changes = np.linspace(-1, 1, 10_000)
    assert of_resamples(changes, 50).word(2.0) == "none"
    assert of_resamples(changes, 50).word(0.5) == "unknown"
    assert of_resamples(changes + 5, 50).word(0.5, enough=False) == "unknown"


def test_counts_may_come_from_numpy() -> None:
    lost, gained = np.int64(20), np.int64(1)
    assert of_shares(gained, lost, 50).word(0.1) == "worse"
    assert of_shares(gained, lost, 50).word(0.1, lower_is_better=True) == "better"
