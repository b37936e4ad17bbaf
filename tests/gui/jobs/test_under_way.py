from __future__ import annotations

from core.wizard import Step
from gui.jobs.under_way import UnderWay, Work


def test_the_last_word_of_each_page_counts_in_the_order_of_the_wizard() -> None:
    pages, told = UnderWay(), []
    pages.changed.connect(lambda: told.append([one.phase for one in pages.all_work()]))
    pages.tell(Work(Step.SAVING, "Loading"))
    pages.tell(Work(Step.COMPARISON, "Loading both"))
    for _again in range(2):
        pages.tell(Work(Step.COMPARISON, "Measuring", 0.5))
        pages.forget(Step.START)
    pages.forget(Step.SAVING)
    assert told == [
        ["Loading"], ["Loading both", "Loading"], ["Measuring", "Loading"], ["Measuring"]
    ]  # fmt: skip
