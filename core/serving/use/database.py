"""The SQLite file of daily use: what was asked, what was said of the answers, and comparisons."""

from __future__ import annotations

from pathlib import Path

from core.language import N_
from core.storage.database import Database, Schema

FORMAT_VERSION = 1

_SCHEMA = (
    """CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        request TEXT NOT NULL UNIQUE,
        time REAL NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('server', 'chat')),
        model TEXT NOT NULL,
        system TEXT NOT NULL,
        prompt TEXT NOT NULL,
        answer TEXT NOT NULL,
        whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
        answer_whole INTEGER NOT NULL CHECK (answer_whole IN (0, 1)),
        turns INTEGER NOT NULL,
        first_token REAL,
        seconds REAL NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        reason TEXT NOT NULL CHECK (reason IN ('stop', 'length', 'cancelled')),
        draw REAL NOT NULL CHECK (draw >= 0 AND draw < 1)
    )""",
    """CREATE TABLE marks (
        request INTEGER PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
        mark TEXT NOT NULL CHECK (mark IN ('right', 'wrong', 'edited')),
        answer TEXT NOT NULL,
        marked REAL NOT NULL,
        version TEXT NOT NULL DEFAULT ''
    )""",
    """CREATE TABLE comparisons (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        first TEXT NOT NULL,
        second TEXT NOT NULL,
        began REAL NOT NULL,
        ended REAL
    )""",
    """CREATE TABLE trials (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        comparison INTEGER NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
        request TEXT NOT NULL UNIQUE,
        model TEXT NOT NULL,
        used INTEGER CHECK (used IN (0, 1))
    )""",
)
_USE = Schema(
    name="use",
    version=FORMAT_VERSION,
    tables=_SCHEMA,
    newer=N_("This record of use was made with a newer version of Homelab Tuner."),
    busy=N_("Another program is using this project's record of use."),
    damaged=N_("This project's record of use is damaged and cannot be read."),
    again=N_("Restore {path} from a backup, or delete it to begin a new record."),
)


class UseDatabase(Database):
    """An open record of use, created when it is missing.

    Raises:
        UserFacingError: ``use.damaged``, ``use.newer_version``, ``use.busy``, or the disk's own
            codes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _USE)
