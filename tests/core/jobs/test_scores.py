"""Scores are stored without what was not measured, and read back the same."""

import pytest
from pydantic import ValidationError

from core.jobs.scores import Clause, Difference, Scores

DIFFERENCE = {
    "measure": "chrf", "count": 3, "before": 1.0, "after": 2.0, "low": 0.5, "high": 1.5,
    "word": "better",
}  # fmt: skip


def test_what_was_not_measured_is_not_stored():
    scores = Scores(perplexity=2.0, chrf=0.0)
    assert scores.model_dump() == {"perplexity": 2.0, "chrf": 0.0}
    assert Scores.model_validate_json(scores.model_dump_json()) == scores
    with pytest.raises(ValidationError):
        Scores(perplexity=-1.0)


def test_a_difference_has_one_of_four_words():
    difference = Difference.model_validate(DIFFERENCE)
    assert Difference.model_validate_json(difference.model_dump_json()) == difference
    assert (difference.task, difference.against) == ("", "base")
    with pytest.raises(ValidationError):
        Difference.model_validate({**DIFFERENCE, "word": "perhaps"})


def test_fields_of_a_later_version_are_passed_over():
    assert Clause.model_validate({"code": "format", "mood": "good"}) == Clause(code="format")
