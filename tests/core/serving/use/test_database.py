import sqlite3

import pytest

from core.errors import UserFacingError
from core.serving.use.database import UseDatabase


def test_it_is_made_once_and_opened_again(tmp_path):
    for _time in range(2):
        database = UseDatabase(tmp_path / "use.sqlite")
        assert database.rows("SELECT count(*) FROM requests") == [(0,)]
        assert database.rows("PRAGMA journal_mode") == [("wal",)]
        database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id INTEGER)",
        "CREATE TRIGGER t AFTER INSERT ON requests BEGIN DELETE FROM marks; END",
        "CREATE VIEW v AS SELECT * FROM requests",
        "DROP TABLE marks",
    ],
)
def test_a_file_with_other_contents_is_refused(tmp_path, statement):
    path = tmp_path / "use.sqlite"
    UseDatabase(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(UserFacingError) as error:
        UseDatabase(path)
    assert error.value.code == "use.damaged"
