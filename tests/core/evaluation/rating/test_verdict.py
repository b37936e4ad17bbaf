import random
from dataclasses import replace
from math import comb

import pytest

from core.evaluation.intervals import wilson_interval
from core.evaluation.rating.verdict import judge, judge_series, sign_test


@pytest.mark.parametrize(
    ("wins", "losses", "p_value"),
    [  # figures of a binomial test at even odds, two-sided
        (33, 17, 0.0328),
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        (9, 1, 0.021484375),
        (20, 20, 1.0),
        (0, 0, 1.0),
        (60, 40, 0.0569),
        (8, 12, 0.5034),
    ],
)
def test_sign_test_against_known_values(wins: int, losses: int, p_value: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p_value, abs=5e-5)
    assert sign_test(wins, losses) == sign_test(losses, wins)


@pytest.mark.parametrize(
    ("wins", "decided", "low", "high"),
    [  # Wilson's interval without continuity correction
        (33, 50, 0.5215, 0.7756),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_against_known_values(wins: int, decided: int, low: float, high: float) -> None:
    assert wilson_interval(wins, decided) == pytest.approx((low, high), abs=5e-5)


def test_wilson_covers_the_truth_about_95_times_in_100() -> None:
    for truth in (0.5, 0.7, 0.9):
        covered = sum(
            comb(60, k) * truth**k * (1 - truth) ** (60 - k)
            for k in range(61)
            if wilson_interval(k, 60)[0] <= truth <= wilson_interval(k, 60)[1]
        )
        assert 0.93 < covered < 0.97


@pytest.mark.parametrize(
    ("counts", "outcome", "sentence"),
    [
        ((33, 17), "probably_better", "Yours won 33, base 17, ties 0: "
            "yours is probably better (it would win 52–78% of clear decisions)."),
        ((45, 5, 0), "better", "Yours won 45, base 5, ties 0: "
            "yours is better (it would win 79–96% of clear decisions)."),
        ((12, 9, 4), "not_enough", "Yours won 12, base 9, ties 4: "
            "not enough to tell (yours would win 37–76% of clear decisions)."),
        ((2, 30, 0, 3), "worse", "Yours won 2, base 30, ties 0, both bad 3: "
            "yours is worse (it would win 2–20% of clear decisions)."),
        ((1, 9, 1), "probably_worse", "Yours won 1, base 9, ties 1: "
            "yours is probably worse (it would win 2–40% of clear decisions)."),
        ((0, 0, 5), "not_enough", "Yours won 0, base 0, ties 5: not enough to tell."),
        ((0, 0, 0), "not_enough", "Nothing has been rated yet."),
    ],
)  # fmt: skip
def test_sentences(counts: tuple[int, ...], outcome: str, sentence: str) -> None:
    verdict = judge(*counts)
    assert (verdict.outcome, verdict.sentence) == (outcome, sentence)


def test_equal_models_are_rarely_called_different() -> None:
    coin = random.Random(7)
    called = 0
    for _ in range(2000):
        wins = sum(coin.random() < 0.5 for _ in range(50))
        called += judge(wins, 50 - wins).outcome != "not_enough"
    assert called / 2000 < 0.05


def test_a_whole_series_is_judged_as_its_counts() -> None:
    series = ["tuned"] * 33 + ["base"] * 17
    random.Random(3).shuffle(series)
    wins = series[:9].count("tuned")
    assert judge_series(series[:9], 9).outcome == judge(wins, 9 - wins).outcome
    verdict = judge_series(series, 50)
    assert verdict.outcome == judge(33, 17).outcome == "probably_better"
    assert (verdict.low, verdict.high) == pytest.approx((0.52, 0.78), abs=0.02)


def test_a_clear_series_is_settled_early_and_a_close_one_is_not() -> None:
    assert judge_series(["tuned"] * 20, 60).settled == 20
    assert judge_series(["base"] * 20, 60).outcome == "worse"
    assert judge_series(["tie"] * 30, 60).settled == 0
    assert judge_series([], 60).sentence == "Nothing has been rated yet."
    close = judge_series(["tuned", "base"] * 30, 60)
    assert (close.settled, close.outcome) == (0, "not_enough")
    assert close.low < 0.5 < close.high


def test_what_was_settled_stays_settled() -> None:
    verdict = judge_series(["tuned"] * 20 + ["base"] * 15, 60)
    assert (verdict.settled, verdict.outcome) == (20, "better")
    assert verdict.low > 0.5


def test_looking_often_does_not_find_more_where_nothing_is() -> None:
    coin, called = random.Random(8), 0
    for _ in range(400):
        series: list[str] = []
        while len(series) < 60:
            series += [coin.choice(["tuned", "base"]) for _ in range(10)]
            if judge_series(series, 60).settled:
                called += 1
                break
    assert called <= 400 * 0.05 + 9, "two standard errors above"


def test_two_fine_tunes_are_named() -> None:
    verdict = replace(judge(9, 1, 2), mine="train-002", other="train-001")
    assert verdict.sentence == (
        "“train-002” won 9, “train-001” 1, ties 2, both bad 0: “train-002” is probably better "
        "(it would win 60–98% of clear decisions)."
    )
    for counts in ((1, 9), (0, 30), (30, 0), (3, 3)):
        assert "“train-002”" in replace(judge(*counts), mine="train-002", other="o").sentence
