from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.conversations import store
from core.conversations.conversation import Conversation, Exchange
from gui.chat.history import History


def test_a_damaged_conversation_is_not_in_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    store.save(folder, "good", Conversation(exchanges=(Exchange(question="<b>Hi</b>?"),)))
    (folder / "bad.json").write_bytes(b"{")
    history = History()
    qtbot.addWidget(history)
    with qtbot.waitSignal(history.changed):
        history.look(folder, read_only=True)
    assert [one.headline for one in history.found] == ["<b>Hi</b>?"]
    assert history.list.item(0, 0).text() == "<b>Hi</b>?"
    assert not history.rename.isEnabled()
    assert not history.delete.isEnabled()
    assert history.export.isEnabled()
    with qtbot.waitSignal(history.opened) as opened:
        history.open_chosen()
    assert opened.args == ["good"]
    history.shut_down()


def test_one_more_return_after_delete_deletes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    for name in ("one", "two"):
        store.save(folder, name, Conversation(exchanges=(Exchange(question=f"{name}?"),)))
    history = History()
    qtbot.addWidget(history)
    history.show()
    history.activateWindow()
    with qtbot.waitSignal(history.changed):
        history.look(folder, read_only=False)
    history.delete.setFocus()
    qtbot.waitUntil(history.delete.hasFocus)
    with qtbot.waitSignal(history.deleted):
        history.delete.click()
    assert history.list.hasFocus()
    qtbot.waitUntil(lambda: len(history.found) == 1)
    assert not history.delete.hasFocus()
    history.shut_down()
