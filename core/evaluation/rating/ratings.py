"""Blind ratings: who wrote which answer stays hidden until the totals are asked for.

A session belongs to one run and its answers. When it begins, a seed decides in which order the
questions come and on which side the tuned model's answer stands; both are stored, so that a killed
application continues exactly where it was. :class:`BlindQuestion` does not hold the models' names.
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
from core.evaluation.rating.rating_session import (
    CRITERIA,
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


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """One question with both answers; ``kind`` is ``"held_out"`` or ``"general"``."""

    question: str
    base: str
    tuned: str
    reference: str = ""
    kind: str = "held_out"


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
        self, run: str, pairs: Sequence[AnswerPair], seed: int | None = None
    ) -> RatingSession:
        """Continue the session of ``run`` and exactly these answers, or begin it.

        Args:
            seed: decides order and sides of a new session; drawn at random if not given.

        Raises:
            ValueError: no answers.
        """
        if not pairs:
            raise ValueError("a session needs answers")
        key = (run, _hash(pairs))
        with self._database.changing() as connection:
            row = connection.execute(
                "SELECT id FROM sessions WHERE run = ? AND answers_hash = ?", key
            ).fetchone()
            number = row[0] if row else _begin(connection, key, pairs, seed)
        return RatingSession(self._database, number)

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
) -> int:
    """Store a new session with its order and sides; return its number."""
    seed = secrets.randbelow(2**31) if seed is None else seed
    chance = random.Random(seed)  # noqa: S311 - fair, not secret
    order = chance.sample(range(len(pairs)), len(pairs))
    session = connection.execute(
        "INSERT INTO sessions (run, answers_hash, seed) VALUES (?, ?, ?)", (*key, seed)
    ).lastrowid
    for position, index in enumerate(order):
        pair, tuned_side = pairs[index], chance.choice("ab")
        sides = (pair.tuned, pair.base) if tuned_side == "a" else (pair.base, pair.tuned)
        connection.execute(
            "INSERT INTO questions (session, position, kind, question, reference, answer_a,"
            " answer_b, tuned_side) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (session, position, pair.kind, pair.question, pair.reference, *sides, tuned_side),
        )
    return int(session or 0)


def _hash(pairs: Sequence[AnswerPair]) -> str:
    rows = [[p.question, p.base, p.tuned, p.reference, p.kind] for p in pairs]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
