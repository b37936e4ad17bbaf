"""Chats and tickets as some programs keep each in one object, brought into turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.data.readers.documents.snippets import plain
from core.storage.files import JsonObject


def of_program(value: JsonObject) -> JsonObject | None:
    """Return the row of a program that is known here as one with turns, ``None`` for others."""
    return _of_ai_studio(value) or _of_zendesk(value) or _of_intercom(value)


def _objects(value: Any) -> list[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _inside(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _of_ai_studio(value: JsonObject) -> JsonObject | None:
    """A prompt of Google AI Studio: what the model thought stands before its answer."""
    turns, thought = list[JsonObject](), ""
    for chunk in _objects(_inside(value, "chunkedPrompt", "chunks")):
        text = chunk.get("text")
        if not isinstance(text, str) or not isinstance(role := chunk.get("role"), str):
            continue  # a file of Google Drive
        if chunk.get("isThought"):
            thought += text
            continue
        turn: JsonObject = {"role": role, "content": text}
        if thought and role == "model":
            turn["reasoning_content"], thought = thought, ""
        turns.append(turn)
    if not turns:
        return None
    return {"systemInstruction": value.get("systemInstruction") or "", "messages": turns}


def _of_zendesk(value: JsonObject) -> JsonObject | None:
    """A ticket: whoever opened it asks, everybody else answers; what is not public is left out."""
    comments = _objects(value.get("comments"))
    if not comments or "requester_id" not in value or "author_id" not in comments[0]:
        return None
    return {
        "messages": [
            {
                "role": "user" if one.get("author_id") == value["requester_id"] else "assistant",
                "content": one.get("plain_body") or one.get("body") or "",
            }
            for one in comments
            if one.get("public", True)
        ]
    }


def _of_intercom(value: JsonObject) -> JsonObject | None:
    parts = _objects(_inside(value, "conversation_parts", "conversation_parts"))
    source = value.get("source")
    if not parts or not isinstance(source, dict) or "author" not in source:
        return None
    turns = [
        {"role": _who(one), "content": plain(one.get("body"))}
        for one in (source, *_comments(parts))
        if one.get("body")
    ]
    return {"messages": turns}


def _comments(parts: list[JsonObject]) -> Iterator[JsonObject]:
    """Notes are for colleagues; what was assigned and closed is no message."""
    return (part for part in parts if part.get("part_type", "comment") in ("comment", "open"))


def _who(part: JsonObject) -> str:
    return "user" if _inside(part, "author", "type") in ("user", "lead", "contact") else "assistant"
