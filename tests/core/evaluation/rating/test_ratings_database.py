import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.evaluation.rating.ratings_database import FORMAT_VERSION, RatingsDatabase
from core.storage import database as module
from tests.foreign_files import put_odd


def code_of_opening(path: Path) -> str:
    with pytest.raises(UserFacingError) as caught:
        RatingsDatabase(path)
    return caught.value.code


def test_journal_and_version(tmp_path: Path) -> None:
    database = RatingsDatabase(tmp_path / "ein ü" / "r.sqlite")
    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    assert database.rows("PRAGMA user_version") == [(FORMAT_VERSION,)]
    database.close()


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    database = RatingsDatabase(tmp_path / "r.sqlite")
    with pytest.raises(KeyError), database.changing() as connection:
        connection.execute("INSERT INTO sessions (run, answers_hash, seed) VALUES ('r', 'h', 1)")
        raise KeyError
    assert database.rows("SELECT count(*) FROM sessions") == [(0,)]
    database.close()


@pytest.mark.parametrize("content", [b"no database" * 100, b"\x89PNG\r\n" + bytes(5000)])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.sqlite"
    path.write_bytes(content)
    assert code_of_opening(path) == "ratings.damaged"
    assert path.read_bytes() == content


def test_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert code_of_opening(path) == "ratings.newer_version"


def test_another_writer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.sqlite"
    RatingsDatabase(path).close()
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert code_of_opening(path) == "ratings.busy"
    other.close()


def test_a_folder_in_the_way_is_no_file(tmp_path: Path) -> None:
    assert code_of_opening(tmp_path) == "file.odd"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    database = RatingsDatabase(tmp_path / "r.sqlite")
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UserFacingError) as caught, database.changing() as connection:
        connection.execute(
            "INSERT INTO sessions (run, answers_hash, seed) VALUES (?, 'h', 1)", ("x" * 20000,)
        )
    assert caught.value.code == "disk.full"
    assert database.rows("SELECT count(*) FROM sessions") == [(0,)]
    database.close()


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"


def made(path: Path) -> sqlite3.Connection:
    RatingsDatabase(path).close()
    return sqlite3.connect(path)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE ratings; CREATE VIEW ratings AS "
        f"SELECT x AS number, x AS question, 'a' AS choice, '' AS rated FROM ({ENDLESS})",
        "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM questions; END",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TABLE more (x)",
        "CREATE INDEX more ON sessions (run)",
        "DROP TABLE scores",
        "ALTER TABLE scores ADD COLUMN more",
        "CREATE VIRTUAL TABLE more USING fts5(x)",
        "DROP TABLE scores; CREATE TABLE scores (question, side, criterion, score)",
    ],
)
def test_other_tables_than_ours_are_damage(tmp_path: Path, change: str) -> None:
    path = tmp_path / "r.sqlite"
    with made(path) as connection:
        connection.executescript(change)
    connection.close()
    before = path.read_bytes()
    assert code_of_opening(path) == "ratings.damaged"
    assert path.read_bytes() == before


def test_a_query_ends_however_long_the_tables_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    database = RatingsDatabase(tmp_path / "r.sqlite")
    with pytest.raises(UserFacingError) as caught:
        database.rows(f"SELECT count(*) FROM ({ENDLESS})")
    assert caught.value.code == "ratings.damaged"
    assert database.rows("SELECT 1") == [(1,)]
    database.close()


def test_an_answer_without_end_is_damage(tmp_path: Path) -> None:
    database = RatingsDatabase(tmp_path / "r.sqlite")
    with pytest.raises(UserFacingError) as caught:
        database.rows(ENDLESS)
    assert caught.value.code == "ratings.damaged"
    database.close()


@pytest.mark.parametrize("name", ["r.sqlite", "r.sqlite-wal", "r.sqlite-journal"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, name: str, kind: str) -> None:
    if name != "r.sqlite":
        made(tmp_path / "r.sqlite").close()
    put_odd(tmp_path / name, kind)
    assert code_of_opening(tmp_path / "r.sqlite") == "file.odd"


def test_a_journal_that_names_another_file_is_not_played_back(tmp_path: Path) -> None:
    """SQLite would delete the file that a journal of several databases names."""
    path, yours = tmp_path / "r.sqlite", tmp_path / "yours"
    yours.write_text("mine")
    with made(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    pages = path.stat().st_size // 4096
    head = bytes.fromhex("d9d505f920a163d7") + struct.pack(">IIIII", 0, 7, pages, 512, 4096)
    name = str(yours).encode()
    pointer = struct.pack(">I", 4096 * 4097) + name
    pointer += struct.pack(">II", len(name), sum(name)) + bytes.fromhex("d9d505f920a163d7")
    journal = path.with_name("r.sqlite-journal")
    journal.write_bytes(head.ljust(512, b"\0") + pointer)
    assert code_of_opening(path) == "ratings.damaged"
    assert yours.read_text() == "mine"


def test_a_transaction_that_broke_off_is_taken_back(tmp_path: Path) -> None:
    """Where the file system knows no write-ahead log there is a journal instead."""
    path = tmp_path / "r.sqlite"
    with made(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('PRAGMA cache_size=1'); c.execute('BEGIN');"
        "[c.execute('INSERT INTO sessions (run, answers_hash, seed) VALUES (?, ?, 1)',"
        " ('r' * 999, str(n))) for n in range(200)]; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name("r.sqlite-journal").stat().st_size
    database = RatingsDatabase(path)
    assert database.rows("SELECT count(*) FROM sessions") == [(0,)]
    database.close()
