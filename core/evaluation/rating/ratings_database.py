"""The SQLite file of the blind ratings."""

from __future__ import annotations

from pathlib import Path

from core.language import N_
from core.storage.database import Database, Schema

FORMAT_VERSION = 2

_SCHEMA = (
    """CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        answers_hash TEXT NOT NULL,
        seed INTEGER NOT NULL,
        began TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
        UNIQUE (run, answers_hash)
    )""",
    """CREATE TABLE questions (
        id INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        question TEXT NOT NULL,
        reference TEXT NOT NULL,
        answer_a TEXT NOT NULL,
        answer_b TEXT NOT NULL,
        tuned_side TEXT NOT NULL CHECK (tuned_side IN ('a', 'b')),
        UNIQUE (session, position)
    )""",
    """CREATE TABLE ratings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        question INTEGER NOT NULL UNIQUE REFERENCES questions (id) ON DELETE CASCADE,
        choice TEXT NOT NULL CHECK (choice IN ('a', 'b', 'tie', 'both_bad')),
        rated TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    )""",
    """CREATE TABLE scores (
        question INTEGER NOT NULL REFERENCES ratings (question) ON DELETE CASCADE,
        side TEXT NOT NULL CHECK (side IN ('a', 'b')),
        criterion TEXT NOT NULL,
        score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
        PRIMARY KEY (question, side, criterion)
    )""",
    """CREATE TABLE session_details (
        session INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
        cases TEXT NOT NULL,
        opponent TEXT NOT NULL,
        rater TEXT NOT NULL,
        finished INTEGER NOT NULL CHECK (finished IN (0, 1))
    )""",
    """CREATE TABLE cut_answers (
        question INTEGER NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
        side TEXT NOT NULL CHECK (side IN ('a', 'b')),
        PRIMARY KEY (question, side)
    )""",
)


_RATINGS = Schema(
    name="ratings",
    version=FORMAT_VERSION,
    tables=_SCHEMA,
    newer=N_("These ratings were made with a newer version of Homelab Tuner."),
    busy=N_("Another program is using the ratings of this project."),
    damaged=N_("The ratings of this project are damaged and cannot be read."),
    again=N_("Restore {path} from a backup, or delete it and rate again."),
    added={"session_details": 2, "cut_answers": 2},
)


class RatingsDatabase(Database):
    """An open file of ratings, created when it is missing.

    Raises:
        UserFacingError: ``ratings.damaged``, ``ratings.newer_version``, ``ratings.busy``, or the
            disk's own codes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _RATINGS)
