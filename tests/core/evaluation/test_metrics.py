import math

import pytest

from core.errors import UserFacingError
from core.evaluation.metrics import (
    exact_match,
    format_share,
    measured_on,
    perplexity,
    text_scores,
)


def test_perplexity_is_over_tokens_not_rows() -> None:
    assert perplexity(10 * math.log(8), 10) == pytest.approx(8)
    assert perplexity(0.0, 5) == 1
    assert perplexity(1e9, 1) == math.inf
    with pytest.raises(ValueError, match="no tokens"):
        perplexity(1.0, 0)


def test_exact_match_ignores_white_space_only() -> None:
    assert exact_match(["a  b\n", "A b", "c"], ["a b", "a b", "c"]) == pytest.approx(2 / 3)


def test_perfect_and_hopeless_answers() -> None:
    text = ["the quick brown fox jumps over the lazy dog", "und noch ein längerer Satz danach"]
    perfect = text_scores(text, text)
    assert perfect == pytest.approx(
        {"exact_match": 1.0, "bleu": 100.0, "chrf": 100.0, "rouge_l": 100.0}
    )
    hopeless = text_scores(["xyz", "xyz"], text)
    assert hopeless["exact_match"] == 0
    assert hopeless["bleu"] < 1 and hopeless["chrf"] < 5


def test_bleu_of_a_pair_worked_out_by_hand() -> None:
    """Precisions 6/7, 4/6, 2/5 and 0/4 smoothed to 1/8; equal lengths, so no brevity penalty."""
    score = text_scores(["the cat sat on the mat today"], ["the cat sat quietly on the mat"])[
        "bleu"
    ]
    assert score == pytest.approx(100 * (6 / 7 * 4 / 6 * 2 / 5 * 1 / 8) ** 0.25)


def test_empty_answers_are_scored_not_refused() -> None:
    scores = text_scores(["", ""], ["something", "else"])
    assert scores["exact_match"] == 0
    assert all(math.isfinite(score) for score in scores.values())


def test_lengths_must_agree() -> None:
    for answers, references in (([], []), (["a"], [])):
        with pytest.raises(ValueError, match="references"):
            text_scores(answers, references)


def test_format_share() -> None:
    answers = ["`name`: Does this.", "  `x`: ok.\n", "Does this.", "`y`: two\nlines."]
    assert format_share(answers, r"`[^`]+`: .+\.") == 0.75
    assert text_scores(answers, answers, r"`.*")["format_share"] == 0.75


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a" * 2000, "(?P<x>"])
def test_no_regular_expression(pattern: str) -> None:
    with pytest.raises(UserFacingError) as caught:
        format_share(["a"], pattern)
    assert caught.value.code == "format.invalid"


def test_a_pattern_that_never_ends_is_stopped() -> None:
    with pytest.raises(UserFacingError) as caught:
        format_share(["a" * 40 + "b"] * 1000, r"(?:(a|aa)+)+c?(a|a|b|ab)*$x")
    assert caught.value.code == "format.too_slow"


def test_what_was_held_out_is_said_as_it_is():
    assert measured_on("test", 25) == "25 examples set aside for testing and used for nothing else"
    said = measured_on("validation", 1)
    assert said.startswith("1 unseen example that was also used to choose the best step")
