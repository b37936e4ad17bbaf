from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from core.conversations import store
from core.conversations.conversation import Conversation, Exchange
from core.errors import UserFacingError
from core.project import Project
from tests.foreign_files import put_link


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Project.create(tmp_path / "Projekt ü 漢字").chats


def talk(question: str = "Hello?") -> Conversation:
    return Conversation(exchanges=(Exchange(question=question),))


def test_what_is_kept_comes_back_newest_first(folder: Path) -> None:
    first, second = store.new_name(), store.new_name()
    store.put_back(folder, first, talk("One?").model_copy(update={"changed": "2026-01-01T00:00"}))
    store.save(folder, second, talk("Two?"))
    assert [one.headline for one in store.list_conversations(folder)] == ["Two?", "One?"]
    assert store.load(folder, first).exchanges[0].question == "One?"
    store.delete(folder, first)
    assert len(store.list_conversations(folder)) == 1


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_nobody_else_may_read_them(folder: Path) -> None:
    name = store.new_name()
    store.save(folder, name, talk())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{name}.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"format": 2}',
        b'{"exchanges": [{"question": 3}]}',
        json.dumps({"exchanges": [{"question": "x"}] * 5000}).encode(),
        json.dumps({"title": "x" * 5000}).encode(),
    ],
)
def test_damaged_files_are_passed_over(folder: Path, content: bytes) -> None:
    store.save(folder, "good", talk())
    (folder / "bad.json").write_bytes(content)
    assert [one.name for one in store.list_conversations(folder)] == ["good"]
    with pytest.raises(UserFacingError) as refused:
        store.load(folder, "bad")
    assert refused.value.code == "chat.damaged"


def test_a_link_in_a_strangers_project_is_not_followed(folder: Path, tmp_path: Path) -> None:
    yours = tmp_path / "yours.json"
    yours.write_text(talk("Secret?").model_dump_json())
    store.save(folder, "good", talk())
    put_link(folder / "bad.json", yours)
    assert [one.name for one in store.list_conversations(folder)] == ["good"]
    with pytest.raises(UserFacingError) as refused:
        Project.open(folder.parent)
    assert refused.value.code == "file.odd"


def test_their_number_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 3)
    for number in range(5):
        store.save(folder, f"2026010{number}-000000-aa", talk(str(number)))
    assert {one.headline for one in store.list_conversations(folder)} == {"2", "3", "4"}


def test_a_name_leads_nowhere_else(folder: Path) -> None:
    with pytest.raises(ValueError, match="no name"):
        store.delete(folder, "../project")
