"""Chats between people, as chat programs export them: one message a row, joined to conversations.

A pause of some hours, or another day, begins a new conversation. Who of them the model shall
become, only you know: their names are speakers like others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.data.readers.conversations.flat_rows import plain
from core.data.readers.formats.records import Record
from core.storage.files import JsonObject

_PAUSE_SECONDS = 4 * 3600
_MOST_TURNS = 64
_ENOUGH_KNOWN = 0.8


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What somebody said, and when: seconds, or only a day (or in which chat)."""

    speaker: str
    text: str
    seconds: float = 0.0
    day: str = ""


Row = JsonObject
Reading = Callable[[Row], ChatMessage | None]


@dataclass(frozen=True, slots=True)
class ChatLog:
    """How the messages of a file are read."""

    read: Reading

    def join(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield one record for each conversation; damaged rows pass as they are."""
        group: list[tuple[Record, ChatMessage]] = []
        answered = False
        for record in records:
            if record.fault:
                yield record
                continue
            message = self.read(record.value) if isinstance(record.value, dict) else None
            if message is None:
                continue  # somebody joined, a picture, a head line
            if group and answered and _begins_another(group[-1][1], message, len(group)):
                yield _conversation(group)
                group, answered = [], False
            group.append((record, message))
            answered = answered or message.speaker != group[0][1].speaker
        if group:
            yield _conversation(group)


def _begins_another(before: ChatMessage, message: ChatMessage, turns: int) -> bool:
    paused = abs(message.seconds - before.seconds) > _PAUSE_SECONDS
    full = turns >= _MOST_TURNS and message.speaker != before.speaker
    return paused or full or message.day != before.day


def _conversation(group: list[tuple[Record, ChatMessage]]) -> Record:
    turns: list[tuple[str, list[str]]] = []
    if group[0][1].seconds > group[-1][1].seconds:  # the newest message stood first
        group = group[::-1]
    for _, message in group:
        if turns and turns[-1][0] == message.speaker:
            turns[-1][1].append(message.text)
        else:
            turns.append((message.speaker, [message.text]))
    said = [{"role": speaker, "content": "\n".join(texts)} for speaker, texts in turns]
    broken = any(record.broken for record, _ in group)
    return Record(group[0][0].line, {"messages": said}, broken=broken)


def find_chat(rows: Sequence[Any]) -> ChatLog | None:
    """Return how to read the sample ``rows`` if they are messages of a chat between people."""
    dicts = [row for row in rows if isinstance(row, dict)]
    for is_message, read in _KINDS:
        known = sum(map(is_message, dicts))
        if known and known >= _ENOUGH_KNOWN * (len(rows) - 1):  # a head line may stand above
            return ChatLog(read)
    return None


def _is_own(row: Row) -> bool:
    return {"speaker", "said", "day"} == row.keys()


def _own(row: Row) -> ChatMessage | None:
    return ChatMessage(row["speaker"], row["said"], day=row["day"])


def _is_discord(row: Row) -> bool:
    author = row.get("author")
    named = isinstance(author, dict) and "name" in author and "role" not in author
    return named and "timestamp" in row and isinstance(row.get("content"), str)


def _discord(row: Row) -> ChatMessage | None:
    said = row.get("type") in ("Default", "Reply", None) and _is_discord(row)
    name = row["author"]["name"] if said else ""
    return _message(name, row.get("content"), _seconds(row.get("timestamp")))


def _is_telegram(row: Row) -> bool:
    return "date" in row and "text" in row and ("from_id" in row or "actor" in row)


def _telegram(row: Row) -> ChatMessage | None:
    if row.get("type") != "message":
        return None
    text = row.get("text")
    if isinstance(text, list):
        parts = (part.get("text") if isinstance(part, dict) else part for part in text)
        text = "".join(part for part in parts if isinstance(part, str))
    seconds = _seconds(row.get("date_unixtime", row.get("date")))
    return _message(row.get("from"), text, seconds, str(row.get("chat", "")))


def _is_slack(row: Row) -> bool:
    return row.get("type") == "message" and "ts" in row and "text" in row


def _slack(row: Row) -> ChatMessage | None:
    if row.get("subtype") not in (None, "thread_broadcast", "bot_message"):
        return None
    profile = row.get("user_profile")
    named = profile.get("real_name") if isinstance(profile, dict) else None
    return _message(named or row.get("user"), row.get("text"), _seconds(row.get("ts")))


def _is_discord_table(row: Row) -> bool:
    return {"AuthorID", "Author", "Date", "Content"} <= row.keys()


def _discord_table(row: Row) -> ChatMessage | None:
    return _message(row["Author"], row["Content"], _seconds(row["Date"]))


_SENDERS = (  # not shown: names of columns, like the next
    "sender name",
    "sender",
    "from",
    "author",
    "user",
    "username",
)
_SAID = ("body", "text", "message", "content")
_TIMES = (  # not shown
    "timestamp",
    "message date",
    "date",
    "sent at",
    "time",
    "datetime",
)


def _is_table(row: Row) -> bool:
    """A message a row, with a sender, a time and a text, as Signal and iMessage are exported."""
    names = {str(name).strip().lower() for name in row}
    groups = (_SENDERS, _SAID, _TIMES)
    told = all(isinstance(cell, str | int | float | None) for cell in row.values())
    return told and all(names & set(group) for group in groups) and not names & _NO_CHAT


_CHAT = "chat session"  # not shown: the name of a column
_NO_CHAT = {"question", "answer", "prompt", "completion", "response", "title", "score", "role"}


def _table(row: Row) -> ChatMessage | None:
    lower = {str(name).strip().lower(): cell for name, cell in row.items()}
    sender, said, time = (
        next((lower[name] for name in group if lower.get(name)), None)
        for group in (_SENDERS, _SAID, _TIMES)
    )
    if not sender and str(lower.get("type", "")).lower() in ("outgoing", "sent"):
        sender = "Me"  # not shown: a speaker like others
    chat = lower.get(_CHAT, lower.get("conversation", ""))
    return _message(sender, said, _seconds(time), str(chat or ""))


def _is_teams(row: Row) -> bool:
    body, sender = row.get("body"), row.get("from")
    return isinstance(body, dict) and "content" in body and isinstance(sender, dict | None)


def _teams(row: Row) -> ChatMessage | None:
    sender = row.get("from") or {}
    user = sender.get("user") or {} if isinstance(sender, dict) else {}
    body = row.get("body")
    if row.get("messageType", "message") != "message" or not isinstance(body, dict):
        return None
    name = user.get("displayName") if isinstance(user, dict) else None
    return _message(name, plain(body.get("content")), _seconds(row.get("createdDateTime")))


def _is_messenger(row: Row) -> bool:
    return "sender_name" in row and "timestamp_ms" in row


def _messenger(row: Row) -> ChatMessage | None:
    if not _is_messenger(row):
        return None
    return _message(row["sender_name"], row.get("content"), _seconds(row["timestamp_ms"]) / 1000)


def _is_role_play(row: Row) -> bool:
    return isinstance(row.get("is_user"), bool) and isinstance(row.get("mes"), str)


def _role_play(row: Row) -> ChatMessage | None:
    if not _is_role_play(row):
        return None
    speaker = "user" if row["is_user"] else "system" if row.get("is_system") else "assistant"
    return _message(speaker, row["mes"], 0.0)


_KINDS: tuple[tuple[Callable[[Row], bool], Reading], ...] = (
    (_is_own, _own),
    (_is_role_play, _role_play),
    (_is_discord, _discord),
    (_is_telegram, _telegram),
    (_is_slack, _slack),
    (_is_discord_table, _discord_table),
    (_is_messenger, _messenger),
    (_is_teams, _teams),
    (_is_table, _table),
)


def _message(speaker: Any, text: Any, seconds: float, day: str = "") -> ChatMessage | None:
    if not isinstance(speaker, str) or not isinstance(text, str):
        return None
    if not speaker.strip() or not text.strip():
        return None
    return ChatMessage(speaker.strip(), text, seconds, day)


def _seconds(time: Any) -> float:
    """Return a time as seconds; 0 where it cannot be read, so that nothing is torn apart."""
    try:
        if isinstance(time, int | float) or str(time).replace(".", "", 1).isdigit():
            return float(time)
        return datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
