"""The end of the whole way on a real small model, through real child processes."""

import math

import pytest


def test_the_evaluation_agrees_with_the_training(walked):
    """The test part is other data, but the two losses of the base are of one kind."""
    base = walked.scores.base
    assert math.log(base.perplexity) == pytest.approx(walked.facts.base_loss, rel=0.05)
    assert walked.scores.tuned.perplexity < base.perplexity
    assert 0 <= walked.scores.tuned.format_share <= 1


def test_no_log_holds_the_examples(walked):
    """What people share when they ask for help."""
    logs = list(walked.project.root.rglob("log.txt"))
    assert logs
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert "What comes after" not in text
        assert "It is " not in text
