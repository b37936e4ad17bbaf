"""People of a Slack export are called by their names, in a folder and in a packed file."""

import json
import zipfile

import pytest

from core.data.readers.formats.chats.names import names_beside, with_names
from core.data.readers.inspection import inspect_sources
from core.data.readers.options import ReadOptions
from core.data.readers.sources import DataSource

USERS = [
    {"id": "U01AAAAAA", "name": "ann", "profile": {"display_name": "", "real_name": "Ann Berg"}},
    {"id": "U02BBBBBB", "name": "bob", "profile": {"display_name": "Bobby", "real_name": "Bob"}},
    {"id": "U03CCCCCC", "name": "ann2", "real_name": "Ann Berg"},
    {"id": "U04DDDDDD"}, "damaged", {"name": "nobody"},
]  # fmt: skip
SAID = [
    {"type": "message", "user": "U01AAAAAA", "text": "Where are the keys?", "ts": "1704100000"},
    {"type": "message", "user": "U02BBBBBB", "text": "<@U01AAAAAA> has them.", "ts": "1704100009"},
]  # fmt: skip


def _folder(place, users):
    (place / "help").mkdir(parents=True)
    (place / "help" / "2024-01-01.json").write_text(json.dumps(SAID), encoding="utf-8")
    if users is not None:
        (place / "channels.json").write_text("[]", encoding="utf-8")
        (place / "users.json").write_text(users, encoding="utf-8")
    return place


def _packed(place, users):
    folder = _folder(place / "unpacked", users)
    with zipfile.ZipFile(place / "slack.zip", "w") as archive:
        for path in folder.rglob("*.json"):
            archive.write(path, path.relative_to(folder))
    return place / "slack.zip"


def _rows(path):
    (looked,) = inspect_sources([path], ReadOptions()).sources
    assert looked.threads is not None
    return looked.threads.names, looked.guess.columns


@pytest.mark.parametrize("make", [_folder, _packed])
def test_names_stand_beside_the_channels(make, tmp_path):
    names, mapping = _rows(make(tmp_path, json.dumps(USERS)))

    assert names == {
        "U01AAAAAA": "Ann Berg (ann)", "U02BBBBBB": "Bobby", "U03CCCCCC": "Ann Berg (ann2)",
    }  # fmt: skip
    assert mapping == {"messages": "conversation"}


@pytest.mark.parametrize("users", [None, "{", "[]", '{"id": 1}', "[[1], null]"])
def test_without_names_the_marks_stay(users, tmp_path):
    assert _rows(_folder(tmp_path, users))[0] == {}


def test_a_message_that_lies_alone_has_no_names(tmp_path):
    path = tmp_path / "2024-01-01.json"
    path.write_text(json.dumps(SAID), encoding="utf-8")

    assert names_beside(DataSource(path)) == {}


def test_who_is_mentioned_is_named():
    names = {"U01AAAAAA": "Ann"}

    assert with_names("@U01AAAAAA, see @U09ZZZZZZ and UNITED", names) == (
        "@Ann, see @U09ZZZZZZ and UNITED"
    )
