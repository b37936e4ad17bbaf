"""Files that hold one message a row: the rows of one conversation are joined to one row.

Neighbouring rows with the same conversation's name belong together. Where messages name their
parents (as in OpenAssistant's trees), the path of the best ranked replies is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.readers.conversations.reply_trees import rank_of
from core.data.readers.conversations.roles import known_role
from core.data.readers.formats.records import Record
from core.storage.files import JsonObject

_NAMES = (
    "message_tree_id", "conversation_id", "conv_id", "dialogue_id", "dialog_id", "thread_id",
    "session_id", "chat_id", "conversation_name",
)  # fmt: skip
_ROLES = ("role", "from", "speaker", "sender", "author")
_TEXTS = ("text", "content", "message", "value", "utterance", "body")
_ENOUGH_KNOWN = 0.8
_MOST_MESSAGES = 10_000
_LONGEST_NAME = 200
_NOBODY = "\0"  # a message without a name has no replies


@dataclass(frozen=True, slots=True)
class Threads:
    """The columns of a file with one message a row."""

    name: str
    role: str
    text: str

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield one record for each conversation; damaged rows pass as they are."""
        group: list[Record] = []
        for record in records:
            if record.fault or not isinstance(record.value, dict):
                yield record
                continue
            if group and (_name(record, self) != _name(group[0], self) or _is_full(group)):
                yield _conversation(group, self)
                group = []
            group.append(record)
        if group:
            yield _conversation(group, self)


def find_threads(rows: Sequence[Any]) -> Threads | None:
    """Return how to join the sample ``rows``; ``None`` where a row is more than a message."""
    dicts = [row for row in rows if isinstance(row, dict)]
    if not dicts or 2 * len(dicts) < len(rows):
        return None
    lower = {str(name).strip().lower(): name for name in dicts[0]}
    wanted = (_NAMES, _ROLES, _TEXTS)
    found = [next((lower[name] for name in names if name in lower), "") for names in wanted]
    if not all(found):
        return None
    threads = Threads(*found)
    known = sum(known_role(row.get(threads.role)) is not None for row in dicts)
    return threads if known >= _ENOUGH_KNOWN * len(dicts) else None


def _name(record: Record, threads: Threads) -> Any:
    return record.value.get(threads.name)


def _is_full(group: list[Record]) -> bool:
    return len(group) >= _MOST_MESSAGES


def _conversation(group: list[Record], threads: Threads) -> Record:
    messages = _best_path([record.value for record in group])
    turns = [{"role": m.get(threads.role), "content": m.get(threads.text)} for m in messages]
    broken = any(record.broken for record in group)
    return Record(group[0].line, {"messages": turns}, broken=broken)


def _best_path(messages: list[JsonObject]) -> list[JsonObject]:
    """Return the messages from the root along the best replies; all where none has a parent."""
    if not all("parent_id" in m and "message_id" in m for m in messages):
        return messages
    replies: dict[str, list[JsonObject]] = {}
    for message in messages:
        replies.setdefault(_key(message["parent_id"]), []).append(message)
    path: list[JsonObject] = []
    here = ""
    while here in replies and len(path) < len(messages):
        path.append(min(replies[here], key=rank_of))
        here = _key(path[-1]["message_id"]) or _NOBODY
    return path or messages


def _key(name: Any) -> str:
    """Return a message's name as text; it may be a number, or damaged."""
    return name if isinstance(name, str) else str(name)[:_LONGEST_NAME] if name else ""
