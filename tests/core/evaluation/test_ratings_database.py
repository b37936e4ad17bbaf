import sqlite3
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.evaluation import ratings_database
from core.evaluation.ratings_database import FORMAT_VERSION, RatingsDatabase


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
    monkeypatch.setattr(ratings_database, "_BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert code_of_opening(path) == "ratings.busy"
    other.close()


def test_a_folder_in_the_way_is_no_permission(tmp_path: Path) -> None:
    assert code_of_opening(tmp_path) == "disk.no_permission"


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
