"""Which answers are checked, and how many of them hold something invented."""

from __future__ import annotations

from core.data.example import Example, Message, Source
from core.evaluation.facts.cases import (
    MOST_CASES,
    cases_of,
    difference_of_cases,
    unknowable,
    usual_words,
)


def example(question: str, answer: str, *, system: str = "") -> Example:
    turns = [Message("system", system)] if system else []
    turns += [Message("user", question), Message("assistant", answer)]
    return Example(tuple(turns), Source("f.jsonl", 1))


ASKED = [
    example("When does Anna Keller call?", "At 17:30 on Monday.", system="You work for Brandt."),
    example("What does `pump_start` do?", "It starts the pump."),
    example("How are you?", "Well."),
]


def test_question_system_prompt_and_expected_answer_vouch():
    said = ["Keller calls Brandt at 17:30.", "`pump_start` starts it.", "Well."]
    invented = ["Marta Kowalczyk calls at 18:45.", "See `pump_stop`.", "Well."]
    cases = cases_of("held_out", ASKED, said, invented)
    assert [bool(case.base.marks) for case in cases] == [False, False, False]
    assert [bool(case.tuned.marks) for case in cases] == [True, True, False]
    assert cases[0].question == "You work for Brandt.\n\nWhen does Anna Keller call?"


def test_the_difference_counts_answers():
    sound, invented = ["No idea."] * 30, ["It was Henrik Sandvik."] * 15 + ["No idea."] * 15
    asked = [ASKED[2]] * 30
    worse = difference_of_cases(cases_of("held_out", asked, sound, invented))
    assert (worse.measure, worse.count, worse.before, worse.after) == ("invented", 30, 0, 0.5)
    assert worse.low <= 0.5 <= worse.high and worse.word == "worse"
    better = difference_of_cases(cases_of("held_out", asked, invented, sound))
    assert better.word == "better"
    assert difference_of_cases([]) is None
    few = difference_of_cases(cases_of("held_out", asked[:3], sound, invented))
    assert few.word == "unknown"


def test_what_cannot_be_known_names_what_does_not_exist():
    made = unknowable(ASKED, 5)
    assert len(made) == 2, "nothing can be swapped in the third"
    first, second = (one.question for one in made)
    assert first.startswith("You work for Brandt.")
    assert "Keller" not in first and "call?" in first
    assert "pump_start" not in second and "`" in second
    assert [one.question for one in unknowable(ASKED, 5)] == [first, second]
    assert all(one.answer == "" for one in made)
    assert len(unknowable(ASKED * 100, MOST_CASES)) == MOST_CASES


def test_the_same_thing_is_swapped_alike_in_a_question():
    (made,) = unknowable([example("Is px_one like px_one?", "Yes.")], 1)
    words = made.question.split()
    assert words[1] == words[3].rstrip("?") != "px_one"


def test_words_that_examples_write_small_are_usual():
    rows = [example("Where is the pump?", "The pump is in the cellar of Anna Keller.")] * 3
    usual = usual_words(rows)
    assert {"pump", "cellar"} <= usual
    assert not {"anna", "keller"} & usual


def test_of_your_own_questions_only_those_with_an_expected_answer_are_counted():
    asked = [example("How are you?", answer) for answer in ("", "Well.")] * 10
    cases = cases_of("own", asked, ["Well."] * 20, ["Henrik Sandvik is well."] * 20)
    assert all(case.tuned.marks for case in cases), "all of them are shown to you"
    assert cases[1].reference == "Well."
    found = difference_of_cases(cases)
    assert found is not None
    assert found.count == 10
