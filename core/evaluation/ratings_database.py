"""The SQLite file of the blind ratings: schema, version, transactions, and its errors in words."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io, make_folder
from core.storage.ordinary import open_to_read, require_ordinary

FORMAT_VERSION = 1
_BUSY_SECONDS = 5.0
_LARGEST = 512 << 20  # bytes of the file
_LONGEST_VALUE = 16 << 20
_MOST_ROWS = 10_000  # of one answer; a session has some hundred questions
_PATIENCE_SECONDS = 1.0
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")  # ends a journal of several databases
_OPERATIONS = 20_000  # of SQLite's machine between two looks at the clock

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

    It may come from elsewhere: it is opened for reading first, must have exactly the tables that
    are made here and nothing else, and no query may take forever or return without end.

    Raises:
        UserFacingError: ``ratings.damaged``, ``ratings.newer_version``, ``ratings.busy``, or the
            disk's own codes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            make_folder(path.parent)
            _examine(path)
            self._connection = _connect(path)
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
        with self._explained(), _not_for_ever(self._connection):
            found = self._connection.execute(query, values).fetchmany(_MOST_ROWS + 1)
        if len(found) > _MOST_ROWS:
            details = f"more than {_MOST_ROWS:,} rows"  # not shown: technical details
            raise _damaged(self._path, details)
        return found

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk afterwards, or nothing."""
        with self._explained(), _not_for_ever(self._connection):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # after a full disk it was rolled back already
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
                    _("These ratings were made with a newer version of Homelab Tuner."),
                    _("Open the project with the newest version."),
                    f"{self._path}: version {version}",  # not shown: technical details
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
            _("Another program is using the ratings of this project."),
            _("Close it and try again."),
            str(error),
        )
    if name.startswith("SQLITE_FULL"):
        return UserFacingError(
            "disk.full",
            _("The disk that holds “{folder}” is full.", folder=str(path.parent)),
            _("Free some space and try again. Everything saved before is kept."),
            str(error),
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return UserFacingError(
            "disk.no_permission",
            _("You do not have permission to write to “{path}”.", path=str(path)),
            _("Change the folder's permissions, or copy the project to another folder."),
            str(error),
        )
    return _damaged(path, str(error))


def _damaged(path: Path, details: str) -> UserFacingError:
    return UserFacingError(
        "ratings.damaged",
        _("The ratings of this project are damaged and cannot be read."),
        _("Restore {path} from a backup, or delete it and rate again.", path=str(path)),
        details,
    )


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    place = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _examine(path: Path) -> None:
    """Look into a file that is there, without changing it.

    Raises:
        UserFacingError: it has other tables than ours, or none of ours (code ``ratings.damaged``).
        sqlite3.DatabaseError: it is no database.
    """
    require_ordinary([path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal")])
    try:
        open_to_read(path, _LARGEST).close()
    except FileNotFoundError:
        return
    broken_off = _left_journal(path)  # a transaction to be taken back needs writing
    with closing(_connect(path, read_only=not broken_off)) as connection, _not_for_ever(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(100)
    if version > FORMAT_VERSION:
        return  # the error comes when it is opened
    strange = [f"{kind} {name}" for kind, name, sql in rows if not _is_ours(kind, name, sql)]
    tables = {name for kind, name, _sql in rows if kind == "table"}
    missing = [name for name in _TABLES if name not in tables] if version or rows else []
    if strange or missing:
        details = f"strange: {strange[:5]}, missing: {missing}"  # not shown: technical details
        raise _damaged(path, details[:500])


def _left_journal(path: Path) -> bool:
    """Return whether a transaction broke off where the file system knows no write-ahead log.

    Raises:
        UserFacingError: the journal names another file, which taking it back might delete.
    """
    journal = path.with_name(f"{path.name}-journal")
    try:
        with open_to_read(journal) as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - len(_NAMES_ANOTHER)))
            if stream.read() == _NAMES_ANOTHER:
                details = f"{journal.name} names another file"  # not shown: technical details
                raise _damaged(path, details)
    except FileNotFoundError:
        return False
    return size > 0


def _plain(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()


def _table_name(statement: str) -> str:
    return statement.split()[2]


_TABLES = {_table_name(statement): _plain(statement) for statement in _SCHEMA}


def _is_ours(kind: object, name: object, sql: object) -> bool:
    if kind == "index":
        return sql is None and str(name).startswith("sqlite_autoindex_")
    if kind != "table":
        return False
    if name == "sqlite_sequence":
        return sql == "CREATE TABLE sqlite_sequence(name,seq)"
    return isinstance(sql, str) and _TABLES.get(str(name)) == _plain(sql)


@contextmanager
def _not_for_ever(connection: sqlite3.Connection) -> Iterator[None]:
    """End what takes longer than anything that is asked here."""
    until = time.monotonic() + _PATIENCE_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, _OPERATIONS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
