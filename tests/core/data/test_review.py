import numpy as np

from core.data.cleaning import Choices, RowAction, Verdict
from core.data.review import rows_to_review


def test_the_same_draft_is_reviewed_with_the_same_rows():
    kept = np.arange(5, 900)
    first = rows_to_review(kept, "scan-1")
    assert len(np.unique(first)) == 20
    assert set(first) <= set(kept)
    assert np.array_equal(first, rows_to_review(kept, "scan-1"))
    assert not np.array_equal(first, rows_to_review(kept, "scan-2"))


def test_few_rows_are_all_reviewed():
    assert rows_to_review(np.arange(3), "scan").tolist() == [0, 1, 2]


def test_verdicts_are_stored_and_have_their_effect():
    choices = Choices().with_verdict(1, Verdict.DROP).with_verdict(2, Verdict.FLAG)
    choices = choices.with_verdict(3, Verdict.EDIT, ("q", "better"))
    assert choices.rows[1].action is RowAction.DROP
    assert 2 not in choices.rows
    assert choices.rows[3].texts == ("q", "better")
    again = choices.with_verdict(1, Verdict.KEEP)
    assert 1 not in again.rows
    assert again.reviewed == {1: Verdict.KEEP, 2: Verdict.FLAG, 3: Verdict.EDIT}
    assert Choices.model_validate_json(again.model_dump_json()) == again
