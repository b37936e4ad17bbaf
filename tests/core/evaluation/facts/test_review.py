"""Judging what was marked: order, memory, intervals, and when it is enough."""

from __future__ import annotations

from core.evaluation.facts.cases import FactAnswer, FactCase
from core.evaluation.facts.checker import marked
from core.evaluation.facts.review import REVIEW_FILE, FactReview
from core.project import RunFolder

SURE = "Henrik Sandvik paid 883 euros on 17 August 1994."
MAYBE = "They say “never on a Sunday” there."
SOUND = "Nobody knows."


def answer(text: str) -> FactAnswer:
    return FactAnswer(text=text, marks=list(marked(text, ("Who paid?",))))


def cases(base: list[str], tuned: list[str]) -> list[FactCase]:
    return [
        FactCase(kind="held_out", question=f"Who paid {n}?", base=answer(b), tuned=answer(t))
        for n, (b, t) in enumerate(zip(base, tuned, strict=True))
    ]


def folder(tmp_path) -> RunFolder:
    return RunFolder(tmp_path)


def judge_all(review: FactReview, truth) -> None:
    while (item := review.next_item()) is not None:
        review.say(item, truth(item))


def test_the_most_doubtful_come_first_and_models_are_mixed(tmp_path):
    review = FactReview(folder(tmp_path), cases([SURE, MAYBE] * 10, [SURE, MAYBE, SURE, SOUND] * 5))
    seen = []
    while (item := review.next_item()) is not None:
        seen.append(item)
        review.say(item, "sound")
    doubts = [round(item.answer.doubt, 1) for item in seen]
    assert doubts == sorted(doubts, reverse=True)
    assert len(seen) == review.count == 35
    first = [item.key.partition(".")[2] for item in seen[:20]]
    assert 3 < first.count("base") < 17


def test_what_was_said_is_kept_and_found_again(tmp_path):
    asked = cases([SURE, SOUND], [SURE, MAYBE])
    review = FactReview(folder(tmp_path), asked)
    review.say(review.next_item(), "invented")
    again = FactReview(folder(tmp_path), asked)
    assert (again.looked_at, again.count) == (1, 3)
    other = FactReview(folder(tmp_path), cases([SURE, SOUND], [SURE, SURE]))
    assert other.looked_at == 0, "other answers were judged"
    (tmp_path / REVIEW_FILE).write_text('{"answers": 3}')
    assert FactReview(folder(tmp_path), asked).looked_at == 0


def test_the_newest_word_is_taken_back(tmp_path):
    review = FactReview(folder(tmp_path), cases([SURE], [MAYBE]))
    first = review.next_item()
    review.say(first, "invented")
    assert review.undo() == first
    assert review.looked_at == 0
    assert review.undo() is None


def test_the_interval_holds_what_was_not_looked_at(tmp_path):
    review = FactReview(folder(tmp_path), cases([SOUND] * 30, [SURE] * 10 + [SOUND] * 20))
    before = review.rate("tuned")
    assert (before.answers, before.confirmed, before.open) == (30, 0, 10)
    assert before.low == 0 and before.high > 10 / 30
    judge_all(review, lambda item: "invented")
    after = review.rate("tuned")
    assert after.low < 10 / 30 < after.high < before.high + 1e-9
    assert after.confirmed == 10
    assert review.rate("base").confirmed == 0


def test_it_can_stop_before_everything_was_looked_at(tmp_path):
    """Wrong alarms that are left could change little."""
    review = FactReview(
        folder(tmp_path), cases([SOUND] * 196 + [MAYBE] * 4, [SURE] * 10 + [SOUND] * 190)
    )
    assert review.is_narrow, "even if all of them were invented"
    wide = FactReview(folder(tmp_path), cases([SURE] * 100, [SOUND] * 100))
    assert not wide.is_narrow
    judge_all(wide, lambda item: "sound")
    assert wide.is_narrow
