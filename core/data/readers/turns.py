"""Conversations inside a row: turns with roles, pairs of texts, trees of replies, marked text."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import orjson

from core.data.example import Message, Role
from core.data.readers.reply_trees import is_reply_tree, path_of
from core.data.readers.transcripts import transcript

ROLES: dict[str, Role] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "instruction": "user",
    "input": "user", "question": "user", "client": "user", "student": "user", "asker": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant",
    "model": "assistant", "ai": "assistant", "bing": "assistant", "bard": "assistant",
    "claude": "assistant", "gemini": "assistant", "llm": "assistant", "chatbot": "assistant",
    "agent": "assistant", "response": "assistant", "output": "assistant", "answer": "assistant",
    "gpt4": "assistant", "gpt-4": "assistant", "teacher": "assistant",
    "function_call": "assistant", "tool_call": "assistant", "tool_calls": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool", "tool_response": "tool",
    "function_response": "tool", "ipython": "tool", "tool_result": "tool",
    "function_result": "tool", "tool_output": "tool", "environment": "tool",
}  # fmt: skip
"""What other programs call the speakers of a conversation, in lower case."""

_ROLE_KEYS = ("role", "from", "speaker", "sender", "author")
_TEXT_KEYS = ("content", "value", "text", "message", "utterance", "body", "parts")
_PART_KEYS = ("text", "value", "content")
_TEXT_PARTS = ("text", "input_text", "output_text")
_WEIGHTS = ("loss_weight", "weight", "train", "trained", "loss")
_CALLS = ("tool_calls", "function_call")
_ASKED = ("human", "user", "question", "prompt", "instruction", "input", "query", "q")
_ANSWERED = ("assistant", "bot", "gpt", "answer", "response", "output", "completion", "a", "ai")


_NO_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)


class UnfitRowError(Exception):
    """The row does not have the shape; the message is the reason in plain words."""


def plain(value: Any) -> str:
    """Return a cell's value as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return str(value[0]) if len(value) == 1 else "\n".join(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, TypeError, ValueError) as error:
        raise UnfitRowError("a value of the row cannot be written as text") from error


def is_turns(value: Any) -> bool:
    """Return whether ``value`` is a list of turns, each with its speaker's role."""
    return isinstance(value, list) and bool(value) and all(map(_has_role, value))


def _has_role(turn: Any) -> bool:
    if not isinstance(turn, dict):
        return False
    if "role" in turn or "from" in turn:
        return True
    return any(k in turn for k in _ROLE_KEYS) and any(k in turn for k in _TEXT_KEYS)


def holds_conversation(value: Any) -> bool:
    """Return whether ``value`` is a conversation in any form that :func:`read_turns` reads."""
    try:
        items = _unpacked(value)
    except UnfitRowError:
        return False
    return is_turns(items) or (bool(items) and (_is_pairs(items) or _is_alternating(items)))


def _is_pairs(items: list[Any]) -> bool:
    return all(isinstance(item, dict) and _pair(item) is not None for item in items)


def _is_alternating(items: list[Any]) -> bool:
    return len(items) > 1 and all(isinstance(item, str) for item in items)


def _pair(item: dict[str, Any]) -> tuple[Any, Any] | None:
    """Return question and answer of ``{"human": …, "assistant": …}``."""
    asked = next((key for key in _ASKED if key in item), None)
    answered = next((key for key in _ANSWERED if key in item), None)
    return None if asked is None or answered is None else (item[asked], item[answered])


def read_turns(value: Any) -> list[Message]:
    """Return the turns of a conversation.

    Raises:
        UnfitRowError: ``value`` is none, or holds something that is not text.
    """
    items = _unpacked(value)
    if _is_alternating(items):
        return [
            Message("assistant" if n % 2 else "user", text.removeprefix("\ufeff"))
            for n, text in enumerate(items)
        ]
    turns: list[Message] = []
    for item in items:
        if isinstance(item, dict) and not _has_role(item) and (pair := _pair(item)):
            turns += [Message("user", plain(pair[0])), Message("assistant", plain(pair[1]))]
        else:
            turns.append(_turn(item))
    return turns


def _unpacked(value: Any) -> list[Any]:
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, dict):
        value = list(_from_object(value))
    if not isinstance(value, list):
        raise UnfitRowError("there is no list of turns")
    return value


def _from_text(text: str) -> Any:
    """Read a conversation kept as text: JSON, a printed Python list, or marked speakers."""
    if text.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError):
            return orjson.loads(text)
        with suppress(*_NO_LITERAL), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in somebody's text
            return json.loads(json.dumps(ast.literal_eval(text.strip())))
    turns = transcript(text)
    return None if turns is None else [{"role": role, "content": said} for role, said in turns]


def _from_object(value: dict[str, Any]) -> Iterable[Any]:
    if isinstance(value.get("messages"), list):
        return list(value["messages"])
    if is_reply_tree(value):
        return path_of(value)
    if _has_role(value):
        columns = [value[key] for key in value if isinstance(value[key], list)]
        is_table = len(columns) == len(value) and len({len(column) for column in columns}) == 1
        if is_table and not isinstance(value.get("content"), str):
            return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
        return [value]
    raise UnfitRowError("there is no list of turns")


def _turn(turn: Any) -> Message:
    if not isinstance(turn, dict):
        raise UnfitRowError("a turn of the conversation is not an object with a role and a text")
    name = next((turn[key] for key in _ROLE_KEYS if key in turn), None)
    if isinstance(name, dict):
        name = name.get("role")
    role = ROLES.get(name.strip().lower()) if isinstance(name, str) else None
    if role is None:
        raise UnfitRowError(f"a turn has the unknown role “{plain(name)[:40]}”")
    text = content(next((turn[key] for key in _TEXT_KEYS if key in turn), None))
    for calls in filter(None, map(turn.get, _CALLS)):
        text = "\n".join(part for part in (text, plain(calls)) if part)
    return Message(role, text, _weight(turn))


def is_typed_text(value: Any) -> bool:
    """Return whether a cell is a list of typed parts that are all text."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and part.get("type") in _TEXT_PARTS for part in value)
    )


def content(value: Any) -> str:
    """Return the text of a turn or a cell: text itself, or typed parts joined.

    Raises:
        UnfitRowError: a part is no text.
    """
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        value = value["parts"]
    if not isinstance(value, list):
        return plain(value)
    parts = []
    for part in value:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and part.get("type", "text") in _TEXT_PARTS:
            parts.append(plain(next((part[k] for k in _PART_KEYS if k in part), "")))
        else:
            kind = part.get("type", "object") if isinstance(part, dict) else type(part).__name__
            raise UnfitRowError(f"a turn holds something that is not text ({plain(kind)[:40]})")
    return "".join(parts)


def _weight(turn: dict[str, Any]) -> bool | None:
    for name in _WEIGHTS:
        value = turn.get(name)
        if isinstance(value, bool | int | float):
            return None if value else False
    return None
