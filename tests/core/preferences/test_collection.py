"""Judgements merged: each once, none against another, some questions held out."""

import pytest

from core.data.findings.near.texts import are_near
from core.preferences.collection import Collected, held_out, merged
from core.preferences.sources import Found
from core.project import Project
from core.training.preferences.judgement import Judgement, Reply, Turn


def found(question, kind, answer, other=None, place="rating"):
    return Found(
        place,
        Judgement(
            turns=(Turn(role="user", content=question),),
            kind=kind,
            answer=Reply(text=answer),
            other=Reply(text=other) if other else None,
        ),
    )


def test_each_counts_once_and_none_contradicts_another():
    both = merged(
        [
            found("1?", "pair", "A", "B"),
            found("1?", "pair", "A ", "B", "use"),
            found("2?", "pair", "A", "B"),
            found("2?", "pair", "B", "A"),
            found("3?", "good", "A", place="chat"),
            found("4?", "good", "A"),
            found("4?", "bad", "A"),
            found("1?", "good", "A"),
            found("1?", "bad", "A"),
            found("5?", "pair", "A", "B"),
            found("5?", "bad", "B"),
            Found("use", None, "tie"),
        ]
    )
    said = [(one.question, one.kind) for one in both.judgements]
    assert said == [("1?", "pair"), ("3?", "good"), ("5?", "pair")]
    assert both.places == {"rating": 2, "chat": 1}
    assert both.left_out == {"duplicate": 2, "contradiction": 6, "tie": 1}
    assert [str(line) for line in both.lines()] == [
        "2 answers preferred to another",
        "1 good answer",
        "Left out: 1 tie",
        "Left out: 2 given twice",
        "Left out: 6 that contradict each other",
    ]


def test_all_that_was_said_of_a_question_is_held_out_together():
    some = [found(f"{n % 40}?", "pair", f"A{n}", "B").judgement for n in range(80)]
    parted = held_out(some)
    unseen = {one.question for one in parted if one.held_out}
    assert len(unseen) == 6
    assert not unseen & {one.question for one in parted if not one.held_out}
    more = held_out([*some, found("new?", "good", "A").judgement])
    assert len({one.question for one in more if one.held_out} & unseen) >= 5  # it stays the same


def many(count, kind="pair", questions=None):
    other = "B" if kind == "pair" else None
    return [found(f"{n % (questions or count)}?", kind, f"A{n}", other) for n in range(count)]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (many(19), "preferences.too_few", "There are 19 ratings to learn from"),
        (many(30, "good"), "preferences.one_sided", "30 answers were called good and 0 bad"),
        (many(30, questions=4), "preferences.few_questions", "too few different questions"),
    ],
)
def test_what_is_too_little_is_refused(given, code, words):
    refusal = merged(given).refusal()
    assert refusal.code == code and words in refusal.what
    assert "Rate more answers" in refusal.todo


def test_enough_is_not_refused():
    assert merged(many(20)).refusal() is None
    both = [*many(15, "good"), *[found(f"{n}?", "bad", "No") for n in range(5)]]
    assert merged(both).refusal() is None


def test_a_new_project_has_nothing(tmp_path):
    from core.preferences.collection import collect

    empty = collect(Project.create(tmp_path / "p"))
    assert empty == Collected() and not empty.lines()


def test_near_copies_of_a_question_are_held_out_together():
    text = "How do I reset the password of the office printer on floor {} without the {} manual?"
    some = [
        found(text.format(floor, kind), "good", "A").judgement
        for floor in ("one", "two", "three", "four", "five", "six", "seven", "eight")
        for kind in ("long", "short")
    ]
    others = (f"{n} is quite another thing, is it not {n}?" for n in range(9))
    some += [found(other, "good", "A").judgement for other in others]
    parted = held_out(some)
    unseen = [one.question for one in parted if one.held_out]
    learned = [one.question for one in parted if not one.held_out]
    assert len(unseen) >= 3
    assert not any(are_near(unseen, learned))


def test_of_questions_that_are_all_alike_some_are_held_out_nevertheless():
    text = "How do I reset the password of the office printer on floor {} without the manual?"
    parted = held_out([found(text.format(n), "good", "A").judgement for n in range(20)])
    assert sum(one.held_out for one in parted) == 3
