from __future__ import annotations

from core.wizard import Step
from gui.jobs.under_way import Work, forget, tell, work_under_way


def test_the_last_word_of_each_page_counts_in_the_order_of_the_wizard() -> None:
    tell(Work(Step.SAVING, "Loading"))
    tell(Work(Step.COMPARISON, "Loading"))
    tell(Work(Step.COMPARISON, "Measuring", 0.5))
    try:
        told = [(one.step, one.phase) for one in work_under_way()]
        assert told == [(Step.COMPARISON, "Measuring"), (Step.SAVING, "Loading")]
        forget(Step.SAVING)
        forget(Step.SAVING)
        assert [one.step for one in work_under_way()] == [Step.COMPARISON]
    finally:
        forget(Step.COMPARISON)
    assert not work_under_way()
