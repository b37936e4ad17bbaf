"""What all database files share; their hostile forms are in the tests of the ratings."""

import sqlite3
from dataclasses import replace

import pytest

from core.errors import UserFacingError
from core.storage.database import Database, Schema

SCHEMA = Schema(
    name="notes",
    version=2,
    tables=("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",),
    newer="Newer.",
    busy="Busy.",
    damaged="Damaged.",
    again="Delete {path}.",
)


def test_a_file_is_made_with_its_tables_and_version(tmp_path):
    database = Database(tmp_path / "n.sqlite", SCHEMA)
    with database.changing() as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('a')")
    assert database.rows("PRAGMA user_version") == [(2,)]
    database.close()
    again = Database(tmp_path / "n.sqlite", SCHEMA)
    assert again.rows("SELECT text FROM notes") == [("a",)]
    again.close()


def test_errors_have_the_name_and_the_words_of_the_schema(tmp_path):
    path = tmp_path / "n.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE foreign_one (id INTEGER)")
    connection.close()
    with pytest.raises(UserFacingError) as error:
        Database(path, SCHEMA)
    assert (error.value.code, error.value.what) == ("notes.damaged", "Damaged.")
    assert str(path) in error.value.todo


def test_tables_that_were_added_come_into_an_older_file(tmp_path):
    path = tmp_path / "n.sqlite"
    Database(path, replace(SCHEMA, version=1)).close()
    more = "CREATE TABLE labels (id INTEGER PRIMARY KEY)"
    newer = replace(SCHEMA, tables=(*SCHEMA.tables, more), added={"labels": 2})
    database = Database(path, newer)
    assert database.rows("SELECT count(*) FROM labels") == [(0,)]
    assert database.rows("PRAGMA user_version") == [(2,)]
    with database.changing() as connection:
        connection.execute("DROP TABLE labels")
    database.close()
    with pytest.raises(UserFacingError) as error:
        Database(path, newer)
    assert error.value.code == "notes.damaged", "a newer file has it"
