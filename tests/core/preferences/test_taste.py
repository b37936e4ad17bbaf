"""What is told before few judgements are learned."""

import random

from core.preferences.taste import MANY, shorter_share, taste_text
from core.training.preferences.judgement import Judgement, Reply, Turn

TURNS = (Turn(role="user", content="Why?"),)


def pair(better, worse):
    return Judgement(turns=TURNS, kind="pair", answer=Reply(text=better), other=Reply(text=worse))


def mark(text, kind):
    return Judgement(turns=TURNS, kind=kind, answer=Reply(text=text))


def test_a_taste_for_length_is_named():
    short = [pair("a" * n, "b" * (n + 3)) for n in range(1, 31)] + [pair("abcdef", "a")] * 3
    assert "91% of the cases the better answer is the shorter" in taste_text(short)
    long = [pair(one.other.text, one.answer.text) for one in short]
    assert "91% of the cases the better answer is the longer" in taste_text(long)


def test_other_tastes_are_not_promised_anything():
    dice = random.Random(3)
    mixed = [pair("a" * dice.randint(1, 90), "b" * dice.randint(1, 90)) for _ in range(100)]
    assert "hardly teach" in taste_text(mixed)
    assert "hardly teach" in taste_text([pair("same", "size")] * 30)
    assert taste_text(mixed * 3) is None and len(mixed * 3) == MANY
    assert taste_text([]) is None


def test_single_marks_are_compared_each_with_each():
    good, bad = [mark("a" * n, "good") for n in range(20)], [mark("a" * 15, "bad")] * 20
    share, low, high = shorter_share([*good, *bad])
    assert share == (15 * 20 + 0.5 * 20) / 400
    assert low > 0.5 and high < 1.1
    assert "shorter" in taste_text([*good, *bad])
    assert shorter_share(good) == (0.5, 0.0, 1.0)
    assert shorter_share([*good, mark("a" * 10, "bad")])[1] < 0.5


def test_a_fair_coin_is_seldom_taken_for_a_taste():
    dice = random.Random(1)
    claimed = 0
    for _ in range(400):
        marks = [mark("a" * dice.randint(1, 200), dice.choice(("good", "bad"))) for _ in range(60)]
        _share, low, high = shorter_share(marks)
        claimed += not low <= 0.5 <= high
    assert claimed <= 32, "5 % and four standard deviations"
