"""The everyday questions: that the set is sound, and how a model reads them."""

from __future__ import annotations

from collections import Counter
from statistics import mean

from core.chat.everyday import (
    EVERYDAY_FILE,
    KINDS,
    choices_of,
    early_questions,
    everyday_questions,
    right_rows,
)
from core.chat.packing import IGNORED
from core.data.mixture import general_examples


def test_there_are_enough_questions_of_eight_kinds():
    counts = Counter(question.kind for question in everyday_questions())
    assert set(counts) == set(KINDS) and len(KINDS) == 8
    assert sum(counts.values()) >= 300
    assert min(counts.values()) >= 38


def test_no_question_is_asked_twice_or_taught_in_the_general_examples():
    asked = [question.question.casefold() for question in everyday_questions()]
    assert len(set(asked)) == len(asked)
    assert not set(asked) & {example.question.casefold() for example in general_examples()}


def test_the_answers_of_a_question_differ_and_are_written_clean():
    for question in everyday_questions():
        answers = [question.right, *question.wrong]
        assert len(set(answers)) == 4, question
        assert all(answer and answer == answer.strip() for answer in answers), question


def test_neither_length_nor_the_alphabet_gives_the_right_answer_away():
    """Always taking the longest, the shortest, the first or the last answer is near to chance."""
    for place in (0, -1):
        for key in (len, str):
            found = []
            for question in everyday_questions():
                answers = sorted([question.right, *question.wrong], key=key)
                taken = key(answers[place])
                best = [answer for answer in answers if key(answer) == taken]
                found.append((question.right in best) / len(best))
            assert 0.15 < mean(found) < 0.4, (place, key, mean(found))


def test_the_few_questions_of_a_run_are_of_all_kinds():
    counts = Counter(question.kind for question in early_questions())
    assert set(counts) == set(KINDS)
    assert len(set(counts.values())) == 1
    assert early_questions() == early_questions()


def test_fewer_questions_are_of_all_kinds_too():
    assert everyday_questions(0) == everyday_questions()
    counts = Counter(question.kind for question in everyday_questions(30))
    assert set(counts) == set(KINDS) and set(counts.values()) == {4}
    assert set(everyday_questions(30)) < set(everyday_questions())


def test_only_the_answer_is_measured(tokenizer):
    question = next(q for q in everyday_questions() if q.right == "Rome")
    (choice,) = choices_of(tokenizer, [question])
    for row, answer in zip(choice.rows, (question.right, *question.wrong), strict=True):
        measured = [token for token in row.labels if token != IGNORED]
        assert tokenizer.decode(measured).strip() == answer
        assert tokenizer.decode(row.ids).startswith("Question: What is the capital of Italy?")
    assert right_rows(tokenizer, [question]) == [choice.rows[0]]


def test_the_set_is_named_among_what_is_ours():
    from importlib import resources

    assert EVERYDAY_FILE in (resources.files("resources") / "NOTICE").read_text(encoding="utf-8")
