"""The SQLite file of the blind ratings: schema, version, transactions, and its errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserFacingError
from core.files import explained_io, make_folder

FORMAT_VERSION = 1
_BUSY_SECONDS = 5.0

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
)


class RatingsDatabase:
    """An open database file, created when it is missing.

    Raises:
        UserFacingError: ``ratings.damaged``, ``ratings.newer_version``, ``ratings.busy``, or the
            disk's own codes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            make_folder(path.parent)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file; further calls fail."""
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with self._explained():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk afterwards, or nothing."""
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.changing() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > FORMAT_VERSION:
                raise UserFacingError(
                    "ratings.newer_version",
                    "These ratings were made with a newer Homelab Tuner.",
                    "Open the project with the newest version.",
                    f"{self._path}: version {version}",
                )
            if version == 0:
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with explained_io(self._path):
            try:
                yield
            except sqlite3.IntegrityError:
                raise  # values that this application should not have sent: a bug
            except sqlite3.DatabaseError as error:
                raise _explain(error, self._path) from error


def _explain(error: sqlite3.DatabaseError, path: Path) -> UserFacingError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return UserFacingError(
            "ratings.busy",
            "Another program is using the ratings of this project.",
            "Close it and try again.",
            str(error),
        )
    if name.startswith("SQLITE_FULL"):
        return UserFacingError(
            "disk.full",
            f"The disk that holds “{path.parent}” is full.",
            "Free some space and try again; what was saved before is kept.",
            str(error),
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return UserFacingError(
            "disk.no_permission",
            f"“{path}” may not be written to by this account.",
            "Change the folder's permissions, or copy the project somewhere else.",
            str(error),
        )
    return UserFacingError(
        "ratings.damaged",
        "The ratings of this project are damaged and cannot be read.",
        f"Restore {path} from a backup, or remove it and rate again.",
        str(error),
    )
