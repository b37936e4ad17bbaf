"""The answers of a session with their authors, for when the result is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.chat.cuts import CUT_MARK
from core.evaluation.rating.ratings_database import RatingsDatabase

Outcome = Literal["tuned", "base", "tie", "both_bad", ""]
"""Which model won; ``""``: not judged. *base* is the opponent, whoever that was."""
Author = Literal["tuned", "base"]


@dataclass(frozen=True, slots=True)
class Revealed:
    """One question with both answers and what was said of them.

    Attributes:
        mine: the fine-tune's answer; ``other``: the opponent's.
        cut: whose answer is longer than shown.
        either_cut: one of the two is; which one was not kept.
        marks: 1 to 5 by model and criterion.
    """

    position: int
    kind: str
    question: str
    reference: str
    mine: str
    other: str
    outcome: Outcome
    cut: frozenset[Author]
    either_cut: bool
    marks: dict[Author, dict[str, int]]


_QUERY = (
    "SELECT q.id, q.position, q.kind, q.question, q.reference, q.answer_a, q.answer_b,"
    " q.tuned_side,"
    " CASE WHEN r.choice IS NULL THEN '' WHEN r.choice = q.tuned_side THEN 'tuned'"
    " WHEN r.choice IN ('a', 'b') THEN 'base' ELSE r.choice END"
    " FROM questions q LEFT JOIN ratings r ON r.question = q.id"
    " WHERE q.session = ? ORDER BY q.position"
)
_OF_SESSION = "question IN (SELECT id FROM questions WHERE session = ?)"  # not shown: a query


def revealed(database: RatingsDatabase, session: int) -> list[Revealed]:
    """Return the questions of a session in their order, judged or not."""
    cuts = f"SELECT question, side FROM cut_answers WHERE {_OF_SESSION}"  # noqa: S608 - our own
    given = f"SELECT question, side, criterion, score FROM scores WHERE {_OF_SESSION}"  # noqa: S608
    cut: dict[object, set[object]] = {}
    for question, side in database.rows(cuts, session):
        cut.setdefault(question, set()).add(side)
    marks: dict[object, list[tuple[object, ...]]] = {}
    for question, *mark in database.rows(given, session):
        marks.setdefault(question, []).append(tuple(mark))
    rows = database.rows(_QUERY, session)
    return [_one(row, cut.get(row[0], set()), marks.get(row[0], [])) for row in rows]


def _one(row: tuple[object, ...], cut: set[object], marks: list[tuple[object, ...]]) -> Revealed:
    _id, position, kind, question, reference, *answers, side, outcome = row
    texts = [str(text) for text in answers]
    either = any(text.endswith(CUT_MARK) for text in texts)
    mine, other = (text.removesuffix(CUT_MARK) for text in (texts if side == "a" else texts[::-1]))
    by_author: dict[Author, dict[str, int]] = {"tuned": {}, "base": {}}
    for of, criterion, score in marks:
        by_author[_author(of, side)][str(criterion)] = int(str(score))
    return Revealed(
        position=int(str(position)),
        kind=str(kind),
        question=str(question),
        reference=str(reference),
        mine=mine,
        other=other,
        outcome=outcome,  # type: ignore[arg-type]
        cut=frozenset(_author(of, side) for of in cut),
        either_cut=either and not cut,
        marks=by_author,
    )


def _author(side: object, tuned_side: object) -> Author:
    return "tuned" if side == tuned_side else "base"
