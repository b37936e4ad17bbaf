"""How much a fine-tune forgot, measured by the answers that both models take."""

from __future__ import annotations

import pytest

from core.chat.everyday import KINDS, choices_of, everyday_questions
from core.evaluation.everyday.forgetting import Taken, differences, taken


def answered(share: float, *, drop: frozenset[str] = frozenset()) -> Taken:
    """Answers of which ``share`` are right, none of the kinds ``drop``."""
    kinds = tuple(question.kind for question in everyday_questions())
    right = tuple(
        kind not in drop and place % 100 < 100 * share for place, kind in enumerate(kinds)
    )
    return Taken(kinds, right)


def test_nothing_forgotten_is_no_difference():
    same = answered(0.6)
    whole, *by_kind = differences(same, same)
    assert (whole.measure, whole.task, whole.count, whole.word) == ("everyday", "", 320, "none")
    assert whole.low < 0 < whole.high
    assert [kind.task for kind in by_kind] == list(KINDS)
    assert {kind.count for kind in by_kind} == {40}


def test_what_is_forgotten_is_found_in_its_kind():
    whole, *by_kind = differences(answered(0.6), answered(0.6, drop=frozenset({"facts"})))
    assert whole.word == "worse"
    assert whole.low <= whole.after - whole.before <= whole.high < 0
    words = {kind.task: kind.word for kind in by_kind}
    assert words.pop("facts") == "worse"
    assert "worse" not in words.values()


def test_a_model_that_knows_more_is_better():
    whole, *_kinds = differences(answered(0.4), answered(0.7))
    assert whole.word == "better"


def test_the_likeliest_answer_is_taken(make_run, tokenizer):
    """A model that learned one wrong answer by heart takes it."""
    import torch

    from core.chat.packing import collate
    from core.training.loss import token_losses

    run = make_run()
    questions = [q for q in everyday_questions() if q.kind == "facts"][:6]
    choices = choices_of(tokenizer, questions)
    told = []
    found = taken(run.model, choices, "cpu", told.append)
    assert told[-1] == len(choices)
    for choice, right in zip(choices, found.right, strict=True):
        with torch.no_grad():
            nats = [
                float(token_losses(run.model, collate([row]), "cpu").sum()) for row in choice.rows
            ]
        close = abs(nats[0] - min(nats[1:])) < 0.05  # packed and alone differ by rounding
        assert close or right == (nats[0] < min(nats[1:]))


def test_base_and_fine_tune_are_both_asked(walked):
    measured = [d for d in walked.scores.differences if d.measure == "everyday"]
    assert [d.task for d in measured] == ["", *KINDS]
    whole = measured[0]
    assert whole.count == len(everyday_questions())
    assert 0 <= whole.before <= 1 and 0 <= whole.after <= 1
    by_kind = sum(d.before * d.count for d in measured[1:])
    assert whole.before == pytest.approx(by_kind / whole.count)
