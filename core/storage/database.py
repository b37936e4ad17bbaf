"""A SQLite file of a project: schema, version, transactions, and its errors in words."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from core.errors import UserFacingError
from core.language import _
from core.storage.files import explained_io, make_folder
from core.storage.ordinary import open_to_read, require_ordinary

_BUSY_SECONDS = 5.0
_LARGEST = 512 << 20  # bytes of the file
_LONGEST_VALUE = 16 << 20
_MOST_ROWS = 10_000  # of one answer; a session has some hundred questions
_PATIENCE_SECONDS = 1.0
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")  # ends a journal of several databases
_OPERATIONS = 20_000  # of SQLite's machine between two looks at the clock


@dataclass(frozen=True)
class Schema:
    """The tables of a file, and what is said of it.

    Attributes:
        name: begins the codes of its errors.
        version: of the format.
        tables: the statements that make them.
        newer, busy, damaged: sentences, marked with ``N_``.
        again: what to do about a damaged one; takes ``path``.
        added: the version in which a table was added, by its name; the others were always there.
    """

    name: str
    version: int
    tables: tuple[str, ...]
    newer: str
    busy: str
    damaged: str
    again: str
    added: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def plain(self) -> dict[str, str]:
        """The statement of each table on one line, by the table's name."""
        return {_table_name(statement): _plain(statement) for statement in self.tables}

    def tables_between(self, after: int, upto: int) -> list[str]:
        """Return the names of the tables that came after one version, up to another."""
        return [name for name in self.plain if after < self.added.get(name, 1) <= upto]

    def damage(self, details: str, path: Path) -> UserFacingError:
        """Return the error of a file that is not as it is made here."""
        return UserFacingError(
            f"{self.name}.damaged", _(self.damaged), _(self.again, path=str(path)), details
        )


class Database:
    """An open database file, created when it is missing.

    A file of an earlier version gets the tables that were added since. It may come from elsewhere:
    it is opened for reading first, must have exactly the tables that are made here and nothing
    else, and no query may take forever or return without end.

    Raises:
        UserFacingError: ``NAME.damaged``, ``NAME.newer_version``, ``NAME.busy`` with the schema's
            name, or the disk's own codes.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path, self._schema = path, schema
        with self._explained():
            make_folder(path.parent)
            _examine(path, self._schema)
            self._connection = _connect(path)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def damaged(self, details: str) -> UserFacingError:
        """Return the error of a file that holds what is never written here."""
        return self._schema.damage(details[:500], self._path)

    def close(self) -> None:
        """Close the file; further calls fail."""
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with self._explained(), _not_for_ever(self._connection):
            found = self._connection.execute(query, values).fetchmany(_MOST_ROWS + 1)
        if len(found) > _MOST_ROWS:
            details = f"more than {_MOST_ROWS:,} rows"  # not shown: technical details
            raise self.damaged(details)
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
            if version > self._schema.version:
                raise UserFacingError(
                    f"{self._schema.name}.newer_version",
                    _(self._schema.newer),
                    _("Open the project with the newest version."),
                    f"{self._path}: version {version}",  # not shown: technical details
                )
            if version < self._schema.version:
                for name in self._schema.tables_between(version, self._schema.version):
                    connection.execute(self._schema.plain[name])
                connection.execute(f"PRAGMA user_version = {self._schema.version}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with explained_io(self._path):
            try:
                yield
            except sqlite3.IntegrityError:
                raise  # values that this application should not have sent: a bug
            except sqlite3.DatabaseError as error:
                raise _explain(error, self._path, self._schema) from error


def _explain(error: sqlite3.DatabaseError, path: Path, schema: Schema) -> UserFacingError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return UserFacingError(
            f"{schema.name}.busy",
            _(schema.busy),
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
    return schema.damage(str(error), path)


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    place = path.absolute().as_uri() + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _examine(path: Path, schema: Schema) -> None:
    """Look into a file that is there, without changing it.

    Raises:
        UserFacingError: it has other tables than ours, or none of ours (code ``NAME.damaged``).
        sqlite3.DatabaseError: it is no database.
    """
    require_ordinary([path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal")])
    try:
        open_to_read(path, _LARGEST).close()
    except FileNotFoundError:
        return
    broken_off = _left_journal(path, schema)  # a transaction to be taken back needs writing
    with closing(_connect(path, read_only=not broken_off)) as connection, _not_for_ever(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(100)
    if version > schema.version:
        return  # the error comes when it is opened
    strange = [f"{row[0]} {row[1]}" for row in rows if not _is_ours(schema, *row)]
    tables = {name for kind, name, _sql in rows if kind == "table"}
    wanted = schema.tables_between(0, version or schema.version) if version or rows else []
    missing = [name for name in wanted if name not in tables]
    if strange or missing:
        details = f"strange: {strange[:5]}, missing: {missing}"  # not shown: technical details
        raise schema.damage(details[:500], path)


def _left_journal(path: Path, schema: Schema) -> bool:
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
                raise schema.damage(details, path)
    except FileNotFoundError:
        return False
    return size > 0


def _plain(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()


def _table_name(statement: str) -> str:
    return statement.split()[2]


def _is_ours(schema: Schema, kind: object, name: object, sql: object) -> bool:
    if kind == "index":
        return sql is None and str(name).startswith("sqlite_autoindex_")
    if kind != "table":
        return False
    if name == "sqlite_sequence":
        return sql == "CREATE TABLE sqlite_sequence(name,seq)"
    return isinstance(sql, str) and schema.plain.get(str(name)) == _plain(sql)


@contextmanager
def _not_for_ever(connection: sqlite3.Connection) -> Iterator[None]:
    """End what takes longer than anything that is asked here."""
    until = time.monotonic() + _PATIENCE_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, _OPERATIONS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
