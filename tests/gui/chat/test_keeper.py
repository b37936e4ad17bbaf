from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.conversations import store
from core.conversations.conversation import Conversation, Exchange
from core.errors import UserFacingError
from gui.chat.keeper import Keeper


def talk(question: str) -> Conversation:
    return Conversation(exchanges=(Exchange(question=question),))


def test_the_newest_state_is_written(qtbot: QtBot, tmp_path: Path) -> None:
    keeper = Keeper()
    for number in range(20):
        keeper.keep(tmp_path, "a", talk(f"{number}?"))
    seen: list[Conversation] = []
    keeper.read(tmp_path, "a", seen.append, lambda _error: None)
    assert seen[0].exchanges[0].question == "19?"  # before it is on the disk
    qtbot.waitUntil(lambda: not keeper._waiting)
    assert store.load(tmp_path, "a").exchanges[0].question == "19?"
    keeper.keep(tmp_path, "b", talk("last?"))
    assert keeper.flush() == []
    assert store.load(tmp_path, "b").exchanges[0].question == "last?"


def test_what_the_disk_refuses_is_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise UserFacingError("disk.full", "The disk is full.", "Free some space.")

    monkeypatch.setattr(store, "save", refuse)
    keeper = Keeper()
    with qtbot.waitSignal(keeper.failed) as failed:
        keeper.keep(tmp_path, "a", talk("Hello?"))
    assert failed.args[0].code == "disk.full"
    keeper.flush()


def test_too_long_a_conversation_is_refused(tmp_path: Path) -> None:
    long = Conversation(exchanges=tuple(Exchange(question="x" * 900_000) for _n in range(10)))
    with pytest.raises(UserFacingError) as refused:
        store.save(tmp_path, "a", long)
    assert refused.value.code == "chat.too_long"
