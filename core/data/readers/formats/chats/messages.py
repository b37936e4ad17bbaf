"""Messages of chat programs, each in the form of its export, as who said what and when."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.data.readers.documents.snippets import plain
from core.storage.files import JsonObject

Row = JsonObject


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What somebody said, and when: seconds, or only a day (or in which chat).

    ``thread``: messages of the same thread belong together, whatever stands between them.
    """

    speaker: str
    text: str
    seconds: float = 0.0
    day: str = ""
    thread: str = ""


Reading = Callable[[Row], ChatMessage | None]
_SLACK_MARK = re.compile(
    r"<(?P<sign>[@#!])?(?P<name>[^<>|\n]{1,400})(?:\|(?P<label>[^<>\n]{0,400}))?>"
)
_UTF8_AS_LATIN = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
_WRITTEN_TIMES = ("%A, %B %d, %Y at %I:%M:%S %p %Z", "%d-%b-%y %I:%M %p", "%m/%d/%Y %I:%M %p")


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


def slack(row: Row) -> ChatMessage | None:
    """Read a message of Slack; its speaker is a mark where the export does not tell the name."""
    if row.get("subtype") not in (None, "thread_broadcast", "bot_message"):
        return None
    profile = row.get("user_profile")
    named = profile.get("real_name") if isinstance(profile, dict) else None
    text, thread = row.get("text"), row.get("thread_ts")
    said = _without_slack_marks(text) if isinstance(text, str) else text
    name = named or row.get("user") or row.get("username") or row.get("bot_id")
    return _message(name, said, _seconds(row.get("ts")), thread=str(thread or ""))


def _without_slack_marks(text: str) -> str:
    """Return a message as it was read: names and links without their marks."""

    def shown(match: re.Match[str]) -> str:
        name = match["label"] or match["name"]
        return f"{(match['sign'] or '').replace('!', '@')}{name}"

    return html.unescape(_SLACK_MARK.sub(shown, text))


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
    said = row.get("content")
    name, said = (_as_utf8(v) if isinstance(v, str) else v for v in (row["sender_name"], said))
    return _message(name, said, _seconds(row["timestamp_ms"]) / 1000)


def _as_utf8(text: str) -> str:
    """Return a text of which each byte was written as a letter, as Meta's exports do it."""
    if _UTF8_AS_LATIN.search(text):
        with suppress(UnicodeError):
            return text.encode("latin-1").decode("utf-8")
    return text


def _is_encrypted_messenger(row: Row) -> bool:
    return "senderName" in row and "timestamp" in row and "isUnsent" in row


def _encrypted_messenger(row: Row) -> ChatMessage | None:
    if row.get("isUnsent") or row.get("type", "text") not in ("text", "link"):
        return None
    return _message(row.get("senderName"), row.get("text"), _seconds(row.get("timestamp")) / 1000)


def _is_google_chat(row: Row) -> bool:
    return isinstance(row.get("creator"), dict) and "created_date" in row


def _google_chat(row: Row) -> ChatMessage | None:
    if not _is_google_chat(row):
        return None
    creator = row["creator"]
    name = creator.get("name") or creator.get("email")
    return _message(name, row.get("text"), _seconds(row["created_date"]))


def _is_skype(row: Row) -> bool:
    return "originalarrivaltime" in row and "messagetype" in row and "content" in row


def _skype(row: Row) -> ChatMessage | None:
    if not _is_skype(row) or str(row["messagetype"]).lower() not in ("text", "richtext", _RICH):
        return None
    name = row.get("displayName") or str(row.get("from") or "").rpartition(":")[2]
    time = _seconds(row["originalarrivaltime"])
    return _message(name, plain(row["content"]), time, str(row.get("conversationid", "")))


_RICH = "richtext/html"  # not shown


def _is_matrix(row: Row) -> bool:
    return "origin_server_ts" in row and "sender" in row and isinstance(row.get("content"), dict)


def _matrix(row: Row) -> ChatMessage | None:
    if not _is_matrix(row) or row.get("type") != "m.room.message":
        return None
    name = str(row["sender"]).lstrip("@").partition(":")[0]
    seconds = _seconds(row["origin_server_ts"]) / 1000
    return _message(name, row["content"].get("body"), seconds, str(row.get("room_id", "")))


def _is_role_play(row: Row) -> bool:
    return isinstance(row.get("is_user"), bool) and isinstance(row.get("mes"), str)


def _role_play(row: Row) -> ChatMessage | None:
    if not _is_role_play(row):
        return None
    speaker = "user" if row["is_user"] else "system" if row.get("is_system") else "assistant"
    extra = row.get("extra")
    thought = extra.get("reasoning") if isinstance(extra, dict) else None
    said = f"<think>{thought}</think>\n{row['mes']}" if thought and row["mes"] else row["mes"]
    return _message(speaker, said, 0.0)


KINDS: tuple[tuple[Callable[[Row], bool], Reading], ...] = (
    (_is_own, _own),
    (_is_role_play, _role_play),
    (_is_discord, _discord),
    (_is_telegram, _telegram),
    (_is_slack, slack),
    (_is_discord_table, _discord_table),
    (_is_messenger, _messenger),
    (_is_encrypted_messenger, _encrypted_messenger),
    (_is_google_chat, _google_chat),
    (_is_skype, _skype),
    (_is_matrix, _matrix),
    (_is_teams, _teams),
    (_is_table, _table),
)
"""How a message of each program is known, and how it is read."""


def _message(
    speaker: Any, text: Any, seconds: float, day: str = "", thread: str = ""
) -> ChatMessage | None:
    if not isinstance(speaker, str) or not isinstance(text, str):
        return None
    if not speaker.strip() or not text.strip():
        return None
    return ChatMessage(speaker.strip(), text, seconds, day, thread)


def _seconds(time: Any) -> float:
    """Return a time as seconds; 0 where it cannot be read, so that nothing is torn apart."""
    try:
        if isinstance(time, int | float) or str(time).replace(".", "", 1).isdigit():
            return float(time)
        return datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError, OSError):
        return _written(str(time)[:80])


def _written(time: str) -> float:
    for form in _WRITTEN_TIMES:
        with suppress(ValueError, OverflowError, OSError):
            return datetime.strptime(time.replace("\u202f", " "), form).timestamp()
    return 0.0
