import pytest

from core.evaluation.grades import grade
from core.jobs.scores import Difference


def lost(measure: str, before: float, after: float, low: float, high: float, word: str) -> str:
    return grade(
        Difference(
            measure=measure, count=40, before=before, after=after, low=low, high=high, word=word
        )
    )


@pytest.mark.parametrize(
    ("before", "after", "low", "word"),
    [
        (10.0, 10.5, 0.01, "slightly_worse"),
        (2.3, 3.2, 0.2, "slightly_worse"),
        (10.0, 14.9, 0.3, "slightly_worse"),
        (10.0, 15.0, 0.01, "clearly_worse"),
        (13.1, 21.9, 0.3, "clearly_worse"),
        (10.0, 29.9, 1.5, "clearly_worse"),
        (10.0, 30.0, 0.4, "clearly_worse"),
        (10.0, 30.0, 0.5, "much_worse"),
        (28.1, 86.3, 1.4, "much_worse"),
    ],
)
def test_perplexities(before: float, after: float, low: float, word: str) -> None:
    assert lost("everyday_perplexity", before, after, low, 9.0, "worse") == word


@pytest.mark.parametrize(
    ("before", "after", "high", "word"),
    [
        (0.70, 0.65, -0.01, "slightly_worse"),
        (0.70, 0.60, -0.02, "clearly_worse"),
        (0.70, 0.41, -0.2, "clearly_worse"),
        (0.70, 0.40, -0.09, "clearly_worse"),
        (0.70, 0.40, -0.1, "much_worse"),
    ],
)
def test_shares_of_right_answers(before: float, after: float, high: float, word: str) -> None:
    assert lost("everyday", before, after, -0.9, high, "worse") == word


@pytest.mark.parametrize("word", ["better", "none", "unknown"])
def test_without_a_sure_loss_its_size_says_nothing(word: str) -> None:
    assert lost("everyday_perplexity", 10.0, 40.0, -0.5, 9.0, word) == word
