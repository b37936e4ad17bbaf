import numpy as np
import pytest

from core.data.cleaning import Choices, ReviewDecision, RowAction
from core.data.review import is_one_question, more_rows
from tests.core.data.examples import ask, example


def test_the_same_draft_is_reviewed_with_the_same_rows():
    kept = np.arange(5, 9000)
    first = more_rows(kept, "scan-1", [])
    assert len(first) == len(set(first)) == 20
    assert set(first) <= set(kept.tolist())
    assert first == sorted(first) == more_rows(kept, "scan-1", [])
    assert first != more_rows(kept, "scan-2", [])


@pytest.mark.parametrize("rows", [60, 9000])
def test_more_rows_are_others(rows):
    kept = np.arange(rows)
    known = more_rows(kept, "scan", [])
    further = more_rows(kept, "scan", known)
    assert len(further) == 20
    assert not set(known) & set(further)


def test_few_rows_are_all_reviewed():
    assert more_rows(np.arange(3), "scan", []) == [0, 1, 2]
    assert more_rows(np.arange(3), "scan", [0, 1, 2]) == []
    assert more_rows(np.arange(0), "scan", []) == []


def test_one_question_can_be_edited_a_talk_not():
    assert is_one_question(ask("q", "a"))
    assert not is_one_question(example(("system", "s"), ("user", "q"), ("assistant", "a")))


def test_verdicts_are_stored_and_have_their_effect():
    choices = Choices().with_verdict(1, ReviewDecision.DROP).with_verdict(2, ReviewDecision.FLAG)
    choices = choices.with_verdict(3, ReviewDecision.EDIT, ("q", "better"))
    assert choices.rows[1].action is RowAction.DROP
    assert 2 not in choices.rows
    assert choices.rows[3].texts == ("q", "better")
    again = choices.with_verdict(1, ReviewDecision.KEEP)
    assert 1 not in again.rows
    assert again.reviewed == {
        1: ReviewDecision.KEEP,
        2: ReviewDecision.FLAG,
        3: ReviewDecision.EDIT,
    }
    assert Choices.model_validate_json(again.model_dump_json()) == again
