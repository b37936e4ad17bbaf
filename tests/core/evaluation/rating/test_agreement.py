import random

import pytest

from core.evaluation.rating.agreement import agreement, agreements
from core.evaluation.rating.ratings import Ratings
from tests.core.evaluation.rating.test_ratings import PAIRS


def test_kappa_against_a_known_table():
    """The two readers of 50 grant applications: 0.35 agree by chance is 0.5, kappa 0.4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = agreement(pairs, "Ann", "Ben")
    assert found.kappa == pytest.approx(0.4)
    assert found.low < 0.4 < found.high
    assert found.sentence == (
        "Ann and Ben judged 35 of 50 cases alike: fair agreement "
        f"(kappa 0.40, {found.low:.2f} to {found.high:.2f})."
    )


def test_little_is_said_of_few_cases_and_of_one_answer_only():
    few = agreement([("tuned", "tuned"), ("base", "base")])
    assert few.word == "not enough to tell"
    alike = agreement([("tie", "tie")] * 30)
    assert alike.kappa is None
    assert alike.sentence.endswith("judged 30 of 30 cases alike: not enough to tell.")


@pytest.mark.parametrize("truth", [0.0, 0.6, 0.9])
def test_the_interval_holds_the_truth(truth):
    dice, held = random.Random(3), 0
    for _series in range(400):
        pairs = []
        for _case in range(40):
            one = dice.choices("abtn", (5, 2, 2, 1))[0]
            other = one if dice.random() < truth else dice.choices("abtn", (5, 2, 2, 1))[0]
            pairs.append((one, other))
        found = agreement(pairs)
        held += found.low <= truth <= found.high
    assert held >= 0.92 * 400


def test_raters_of_the_same_cases_are_compared(tmp_path):
    with Ratings(tmp_path / "r.sqlite") as ratings:
        first = ratings.session("train-001", PAIRS)
        second = ratings.session("train-001", PAIRS, rater="Ben")
        assert agreements(ratings, second) == []
        for session in (first, second):
            while (question := session.next_question()) is not None:
                mine = "a" if question.answer_a.startswith("tuned") else "b"
                session.rate(question, "tie" if question.question[9] in "12" else mine)
        (found,) = agreements(ratings, second)
        assert (found.one, found.other, found.cases, found.same) == ("Ben", "", 10, 10)
        assert found.kappa == 1.0, "sides differ, what was meant does not"
        other = ratings.session("train-001", PAIRS[:9], rater="Ben")
        assert agreements(ratings, other) == []
