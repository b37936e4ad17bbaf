import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.chat.cuts import CUT_MARK
from core.evaluation.rating.ratings import (
    MOST_CASES,
    AnswerPair,
    Choice,
    Ratings,
    pairs_from,
)
from core.evaluation.stored import Answers

PAIRS = [
    AnswerPair(f"question {i} ü 漢字", f"base {i}", f"tuned {i}", "", kind)
    for i, kind in enumerate(["held_out"] * 8 + ["general"] * 2)
]


def tuned_side(question) -> Choice:  # type: ignore[no-untyped-def]
    return "a" if question.answer_a.startswith("tuned") else "b"


def test_every_question_comes_once_with_both_answers(tmp_path: Path) -> None:
    with Ratings(tmp_path / "ratings.sqlite") as ratings:
        session = ratings.session("train-001", PAIRS)
        seen = set()
        while question := session.next_question():
            number = question.question.split()[1]
            assert {question.answer_a, question.answer_b} == {f"base {number}", f"tuned {number}"}
            seen.add(question.question)
            session.rate(question, "tie")
        assert seen == {pair.question for pair in PAIRS}
        assert (session.rated, session.count) == (10, 10)


def test_sides_are_fair_and_follow_the_seed(tmp_path: Path) -> None:
    many = [AnswerPair(str(i), "base", "tuned") for i in range(400)]
    with Ratings(tmp_path / "r.sqlite") as ratings:
        layouts = []
        for run, seed in (("one", 7), ("two", 7), ("three", 8)):
            session = ratings.session(run, many, seed, most=400)
            assert session.seed == seed
            questions = [session.question(i) for i in range(400)]
            layouts.append([(q.question, tuned_side(q)) for q in questions if q])
    assert layouts[0] == layouts[1] != layouts[2]
    on_a = sum(side == "a" for _, side in layouts[0])
    assert 160 < on_a < 240


def test_reopening_goes_on_and_other_answers_start_over(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with Ratings(path) as ratings:
        session = ratings.session("r", PAIRS, seed=1)
        question = session.next_question()
        assert question is not None
        session.rate(question, "a")
    with Ratings(path) as ratings:
        again = ratings.session("r", PAIRS, seed=99)
        assert (again.rated, again.seed) == (1, 1)
        latest = ratings.latest("r")
        assert latest is not None and latest.rated == 1
        assert ratings.session("r", PAIRS[:5]).rated == 0
        ratings.forget("r")
        assert ratings.latest("r") is None
        assert ratings.session("r", PAIRS).rated == 0


def test_a_session_needs_answers(tmp_path: Path) -> None:
    with Ratings(tmp_path / "r.sqlite") as ratings, pytest.raises(ValueError, match="answers"):
        ratings.session("r", [])


def test_pairs_come_from_the_evaluation_file() -> None:
    entry = {"kind": "general", "question": "q", "reference": "r", "base": "b", "tuned": "t"}
    assert pairs_from([Answers.model_validate(entry)]) == [
        AnswerPair("q", "b", "t", "r", "general")
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_pair_with_a_cut_answer_ends_alike_on_both_sides(tmp_path: Path, seed: int) -> None:
    entries = [
        {"question": "q", "base": "long.", "tuned": "short.", "cut": cut} for cut in (True, False)
    ]
    said = []
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session(
            "r", pairs_from([Answers.model_validate(entry) for entry in entries]), seed
        )
        for position in range(2):
            question = session.question(position)
            assert question is not None
            marks = [
                text.partition(CUT_MARK)[1:] for text in (question.answer_a, question.answer_b)
            ]
            assert marks[0] == marks[1]
            said.append(marks[0][1].strip())
    assert sorted(said) == ["", "At least one of the two answers is longer than shown here."]


_RATE_FOR_EVER = """
import sys
from core.evaluation.stored import Answers
from core.evaluation.rating.ratings import AnswerPair, Ratings
session = Ratings(__import__("pathlib").Path(sys.argv[1])).session(
    "r", [AnswerPair(str(i), "base", "tuned") for i in range(5000)], seed=1, most=5000)
while question := session.next_question():
    session.rate(question, "a", {"a": {"tone": 3}, "b": {"tone": 4}})
    sys.stdout.write(f"{session.rated}\\n")
    sys.stdout.flush()
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_no_acknowledged_rating_is_lost_by_a_kill(tmp_path: Path) -> None:
    path, chance = tmp_path / "r.sqlite", random.Random(5)
    told = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", _RATE_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        told = int(child.stdout.readline())
        time.sleep(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in child.stdout.read().split())])
        child.stdout.close()
        child.wait()
        with Ratings(path) as ratings:
            session = ratings.latest("r")
            assert session is not None
            assert told <= session.rated <= told + 1
            assert session.totals().tuned_scores.keys() == {"tone"}
    assert told >= 6


@pytest.mark.parametrize("changed", ["base", "tuned", "reference", "kind", "question"])
def test_another_text_on_any_side_is_another_session(tmp_path: Path, changed: str) -> None:
    value = "general" if changed == "kind" else "something else"
    others = [replace(PAIRS[0], **{changed: value}), *PAIRS[1:]]
    with Ratings(tmp_path / "r.sqlite") as ratings:
        session = ratings.session("train-001", PAIRS)
        question = session.next_question()
        assert question is not None
        session.rate(question, "tie")
        assert ratings.session("train-001", PAIRS).rated == 1
        assert ratings.session("train-001", others).rated == 0


def test_questions_come_in_an_order_of_their_own(tmp_path: Path) -> None:
    """Held-out and general ones mixed: the page may not tell by its place what is asked."""
    many = [AnswerPair(f"{n:02}", "base", "tuned") for n in range(40)]
    orders = []
    with Ratings(tmp_path / "r.sqlite") as ratings:
        for run in ("one", "two"):
            session = ratings.session(run, many)
            found = [session.question(place) for place in range(40)]
            orders.append([question.question for question in found if question is not None])
    assert sorted(orders[0]) == sorted(orders[1]) == [pair.question for pair in many]
    assert orders[0] != sorted(orders[0])
    assert orders[0] != orders[1]


def test_fifty_random_cases_are_drawn_and_your_own_are_all_among_them(tmp_path: Path) -> None:
    many = [AnswerPair(str(n), "base", "tuned", kind="own" if n < 5 else "") for n in range(90)]
    drawn = []
    with Ratings(tmp_path / "r.sqlite") as ratings:
        for run in ("one", "two"):
            session = ratings.session(run, many)
            assert session.count == MOST_CASES == 50
            drawn.append({one.question for one in session.revealed()})
        assert {str(n) for n in range(5)} <= drawn[0] & drawn[1]
        assert drawn[0] != drawn[1]
        second = ratings.session("one", many, rater="Ben")
        assert {one.question for one in second.revealed()} == drawn[0], "the same for all raters"


def test_each_rater_and_opponent_has_a_session(tmp_path: Path) -> None:
    with Ratings(tmp_path / "r.sqlite") as ratings:
        sessions = [
            ratings.session("r", PAIRS),
            ratings.session("r", PAIRS, rater=" Ann "),
            ratings.session("r", PAIRS, opponent="train-001"),
            ratings.session("r", PAIRS, opponent="train-001", rater="Ann"),
        ]
        assert [(one.opponent, one.rater) for one in sessions] == [
            ("", ""), ("", "Ann"), ("train-001", ""), ("train-001", "Ann"),
        ]  # fmt: skip
        assert len({one.number for one in sessions}) == 4
        assert ratings.session("r", PAIRS, rater="ann").number == sessions[1].number
        assert [one.number for one in ratings.of_others(sessions[2])] == [sessions[3].number]
        assert {one.run for one in ratings.sessions()} == {"r"}
        assert len(ratings.sessions("r")) == 4
        sessions[3].finish()
        assert sessions[3].finished
        assert not sessions[2].finished
        sessions[3].finish(finished=False)
        assert not sessions[3].finished


def test_a_file_of_the_first_format_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with Ratings(path) as ratings:
        session = ratings.session("r", PAIRS, seed=4)
        question = session.next_question()
        assert question is not None
        session.rate(question, "a", {"a": {"tone": 4}})
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE session_details; DROP TABLE cut_answers; PRAGMA user_version = 1"
    )
    connection.close()
    with Ratings(path) as ratings:
        again = ratings.session("r", PAIRS)
        assert (again.rated, again.seed, again.rater, again.opponent) == (1, 4, "", "")
        assert not again.finished
        again.finish()
        assert again.finished
        assert again.rating(question).scores["a"] == {"tone": 4}
        second = ratings.session("r", PAIRS, rater="Ben")
        assert [one.number for one in ratings.of_others(second)] == [again.number]
        assert ratings.latest("r").number == second.number
    with Ratings(path) as ratings:
        assert ratings.session("r", PAIRS).finished, "the result is found again"
