"""Blind ratings: who wrote which answer stays hidden until the totals are asked for.

A session belongs to one run and its answers, to who judges them, and to the base model or another
fine-tune as the opponent. When it begins, a seed decides which questions are judged, in which order
they come and on which side the tuned model's answer stands; all is stored, so that a killed
application continues exactly where it was. :class:`BlindQuestion` does not hold the models' names.
Another rater gets the same questions in another order, and sees nothing of what the first one said.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core.chat.cuts import marked
from core.evaluation.rating.criteria import CRITERIA
from core.evaluation.rating.rating_session import (
    BlindQuestion,
    Choice,
    Criterion,
    Rating,
    RatingSession,
    Scores,
    Side,
    Totals,
)
from core.evaluation.rating.ratings_database import RatingsDatabase
from core.evaluation.stored import Answers

__all__ = [
    "CRITERIA",
    "MOST_CASES",
    "AnswerPair",
    "BlindQuestion",
    "Choice",
    "Criterion",
    "Rating",
    "RatingSession",
    "Ratings",
    "Scores",
    "Side",
    "Totals",
    "pairs_from",
]  # fmt: skip

MOST_CASES = 50
"""So many questions of a comparison are judged, drawn at random; your own are all among them."""
_LONGEST_NAME = 40
_MOST_QUESTIONS = 10_000


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """One question with both answers; ``kind`` is ``"held_out"``, ``"general"`` or ``"own"``.

    Attributes:
        base: the answer of the base model, or of another fine-tune.
        base_cut, tuned_cut: which answer is longer than it is shown, where that is known.
    """

    question: str
    base: str
    tuned: str
    reference: str = ""
    kind: str = "held_out"
    base_cut: bool = False
    tuned_cut: bool = False


def pairs_from(answers: Sequence[Answers]) -> list[AnswerPair]:
    """Return the pairs of an evaluation.

    Where one answer of a pair was cut, both end with the same mark.
    """
    return [
        AnswerPair(
            question=entry.question,
            base=marked(entry.base, cut=entry.cut),
            tuned=marked(entry.tuned, cut=entry.cut),
            reference=entry.reference,
            kind=entry.kind,
            base_cut=entry.base_cut,
            tuned_cut=entry.tuned_cut,
        )
        for entry in answers
    ]


class Ratings:
    """The ratings of one project; a context manager around its database file.

    Raises:
        UserFacingError: see :class:`core.evaluation.rating.ratings_database.RatingsDatabase`.
    """

    def __init__(self, path: Path) -> None:
        self._database = RatingsDatabase(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exit: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def session(
        self,
        run: str,
        pairs: Sequence[AnswerPair],
        seed: int | None = None,
        *,
        opponent: str = "",
        rater: str = "",
        most: int = MOST_CASES,
    ) -> RatingSession:
        """Continue the session of ``run``, exactly these answers and this rater, or begin it.

        Args:
            seed: decides questions, order and sides of a new session; random if not given.
            opponent: the fine-tune whose answers stand as ``base``, ``""`` for the base model.
            rater: who judges, ``""`` where no name was given.
            most: so many questions of a new session are judged.

        Raises:
            ValueError: no answers.
        """
        if not pairs:
            raise ValueError("a session needs answers")
        rater = rater_name(rater)
        cases = _hash(pairs, *([opponent] if opponent else []))
        own = _hash(pairs, opponent, rater.casefold()) if rater else cases
        with self._database.changing() as connection:
            row = connection.execute(
                "SELECT id FROM sessions WHERE run = ? AND answers_hash = ?", (run, own)
            ).fetchone()
            if row:
                return RatingSession(self._database, row[0])
            chosen = _as_others_had(connection, run, cases, pairs)
            number = _begin(connection, (run, own), chosen or pairs, seed, most)
            connection.execute(
                "INSERT INTO session_details VALUES (?, ?, ?, ?, 0)",
                (number, cases, opponent, rater),
            )
        return RatingSession(self._database, number)

    def of_others(self, session: RatingSession) -> list[RatingSession]:
        """Return the sessions in which others judged the same answers, the newest first."""
        rows = self._database.rows(
            "SELECT o.id FROM sessions s LEFT JOIN session_details d ON d.session = s.id"
            " JOIN sessions o ON o.run = s.run AND o.id <> s.id"
            " LEFT JOIN session_details e ON e.session = o.id"
            " WHERE s.id = ? AND coalesce(d.cases, s.answers_hash)"
            " = coalesce(e.cases, o.answers_hash) ORDER BY o.id DESC",
            session.number,
        )
        return [RatingSession(self._database, int(str(number))) for (number,) in rows]

    def sessions(self, run: str = "") -> list[RatingSession]:
        """Return all sessions, or those of ``run``, the newest first."""
        rows = self._database.rows(
            "SELECT id FROM sessions WHERE ? IN ('', run) ORDER BY id DESC", run
        )
        return [RatingSession(self._database, int(str(number))) for (number,) in rows]

    def latest(self, run: str) -> RatingSession | None:
        """Return the newest session of ``run``, or ``None``."""
        rows = self._database.rows("SELECT max(id) FROM sessions WHERE run = ?", run)
        number = rows[0][0]
        return RatingSession(self._database, number) if isinstance(number, int) else None

    def forget(self, run: str) -> None:
        """Remove every session of ``run``."""
        with self._database.changing() as connection:
            connection.execute("DELETE FROM sessions WHERE run = ?", (run,))


def _begin(
    connection: sqlite3.Connection,
    key: tuple[str, str],
    pairs: Sequence[AnswerPair],
    seed: int | None,
    most: int,
) -> int:
    """Store a new session with its questions, their order and sides; return its number."""
    seed = secrets.randbelow(2**31) if seed is None else seed
    chance = random.Random(seed)  # noqa: S311 - fair, not secret
    order = chance.sample(range(len(pairs)), len(pairs))
    own = [n for n in order if pairs[n].kind == "own"]
    drawn = {*own, *[n for n in order if n not in own][: max(0, most - len(own))]}
    order = [n for n in order if n in drawn]
    session = connection.execute(
        "INSERT INTO sessions (run, answers_hash, seed) VALUES (?, ?, ?)", (*key, seed)
    ).lastrowid
    for position, index in enumerate(order):
        pair, tuned_side = pairs[index], chance.choice("ab")
        sides = (pair.tuned, pair.base) if tuned_side == "a" else (pair.base, pair.tuned)
        question = connection.execute(
            "INSERT INTO questions (session, position, kind, question, reference, answer_a,"
            " answer_b, tuned_side) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (session, position, pair.kind, pair.question, pair.reference, *sides, tuned_side),
        ).lastrowid
        other_side = "b" if tuned_side == "a" else "a"
        cut = [tuned_side] * pair.tuned_cut + [other_side] * pair.base_cut
        connection.executemany(
            "INSERT INTO cut_answers (question, side) VALUES (?, ?)",
            [(question, side) for side in cut],
        )
    return int(session or 0)


def rater_name(text: str) -> str:
    """Return a name as it is kept."""
    return " ".join(text.split())[:_LONGEST_NAME]


def _as_others_had(
    connection: sqlite3.Connection, run: str, cases: str, pairs: Sequence[AnswerPair]
) -> list[AnswerPair]:
    """Return those of ``pairs`` that another rater was asked; none where nobody was."""
    rows = connection.execute(
        "SELECT kind, question, reference, answer_a, answer_b FROM questions WHERE session ="
        " (SELECT min(s.id) FROM sessions s LEFT JOIN session_details d ON d.session = s.id"
        " WHERE s.run = ? AND coalesce(d.cases, s.answers_hash) = ?)",
        (run, cases),
    ).fetchmany(_MOST_QUESTIONS)
    asked = {(*row[:3], frozenset(row[3:])) for row in rows}
    return [
        pair
        for pair in pairs
        if (pair.kind, pair.question, pair.reference, frozenset((pair.base, pair.tuned))) in asked
    ]


def _hash(pairs: Sequence[AnswerPair], *more: str) -> str:
    rows = [[p.question, p.base, p.tuned, p.reference, p.kind] for p in pairs]
    rows += [list(more)] if more else []
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
