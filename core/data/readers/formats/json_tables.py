"""JSON values that hold many rows in a form of their own: columns, indexed rows, paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core.data.readers.conversations.flat_rows import flat_row
from core.data.readers.conversations.turns import is_turns
from core.storage.files import JsonObject

_ROW_NAMES = frozenset(
    [
        "question",
        "instruction",
        "prompt",
        "query",
        "answer",
        "output",
        "response",
        "completion",
        "text",
        "context",
        "messages",
        "conversations",
        "conversation",
        "input",
        "chosen",
        "rejected",
        "system",
        "history",
        "dialog",
        "dialogue",
        "turns",
    ]
)


def is_row_name(name: str) -> bool:
    """Return whether a member of this name belongs to a row, not to a file of rows."""
    return name.strip().lower() in _ROW_NAMES - {"conversations"}


def rows_of(value: Any) -> list[Any] | None:
    """Return the rows of a document that is a single object; ``None`` if it is one row itself."""
    if not isinstance(value, dict) or not value:
        return None
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return _split_orient(value["columns"], value["data"])
    members = list(value.values())
    if all(isinstance(member, list) for member in members):
        return _columns(value, members)
    if all(isinstance(member, dict) and member for member in members):
        return _indexed(value, members)
    return None


def _split_orient(columns: list[Any], data: list[Any]) -> list[Any] | None:
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return None
    return [dict(zip(map(str, columns), row, strict=True)) for row in data]


def _columns(value: JsonObject, members: list[list[Any]]) -> list[Any] | None:
    lengths = {len(member) for member in members}
    if len(lengths) != 1 or lengths == {0} or any(is_turns(m) for m in members):
        return None
    if {"internal", "visible"} <= value.keys():  # a chat as text-generation-webui keeps it
        return None
    return [dict(zip(value, cells, strict=True)) for cells in zip(*members, strict=True)]


def _indexed(value: JsonObject, members: list[JsonObject]) -> list[Any] | None:
    """``{"question": {"0": …}}`` or ``{"0": {"question": …}}``."""
    keys = list(members[0])
    if len(value) < 2 or any(list(member) != keys for member in members):
        return None
    if all(key.isdigit() for key in keys):
        return [{name: member[key] for name, member in value.items()} for key in keys]
    return None if any(map(is_row_name, value)) else members


def expanded(value: Any) -> Iterable[Any]:
    """Return the rows in one element of a list: usually it is a row itself."""
    if isinstance(value, dict) and isinstance(value.get("paragraphs"), list):
        rows = list(_of_paragraphs(value["paragraphs"]))
        return rows or [value]
    if messages := _of_all_chats(value):
        return messages
    return (flat_row(value),)


def _of_all_chats(value: Any) -> list[JsonObject]:
    """The messages of one chat of Skype or Teams, or of everything that Telegram exports.

    Those of Telegram get the number of their chat.
    """
    if not isinstance(value, dict):
        return []
    if isinstance(listed := value.get("MessageList"), list):
        return [message for message in listed if isinstance(message, dict)]
    chats = value.get("chats")
    listed = chats.get("list") if isinstance(chats, dict) else None
    if not isinstance(listed, list):
        return []
    return [
        {**message, "chat": number}
        for number, chat in enumerate(listed)
        if isinstance(chat, dict) and isinstance(chat.get("messages"), list)
        for message in chat["messages"]
        if isinstance(message, dict)
    ]


def _of_paragraphs(paragraphs: list[Any]) -> Iterator[JsonObject]:
    """Reading comprehension as in SQuAD: many questions about each paragraph."""
    for paragraph in paragraphs:
        if not isinstance(paragraph, dict) or not isinstance(paragraph.get("qas"), list):
            continue
        for asked in paragraph["qas"]:
            if isinstance(asked, dict):
                yield {**asked, "context": paragraph.get("context", "")}
