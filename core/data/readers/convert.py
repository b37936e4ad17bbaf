"""From a parsed row to an :class:`Example`, for one known shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from core.data.example import Message, Role
from core.data.readers.options import ColumnRole, ShapeName
from core.data.readers.shapes import Guess, is_turns

Turns = tuple[Message, ...]
Converter = Callable[[Any], Turns]

_ROLES: dict[str, Role] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user", "customer": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant",
    "model": "assistant", "ai": "assistant", "bing": "assistant", "bard": "assistant",
    "function_call": "assistant", "tool_call": "assistant", "tool_calls": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool", "tool_response": "tool",
    "function_response": "tool", "ipython": "tool",
}  # fmt: skip
_WEIGHTS = ("loss_weight", "weight", "train", "trained", "loss")
_TEXT_KEYS = ("text", "value", "content")


class UnfitRowError(Exception):
    """The row does not have the shape; the message is the reason in plain words."""


def converter(guess: Guess) -> Converter:
    """Return the function that reads rows of this shape.

    The function raises :class:`UnfitRowError` for a row that has another shape.
    """
    by_role: dict[ColumnRole, list[str]] = {}
    for column, role in guess.columns.items():
        by_role.setdefault(role, []).append(column)
    makers: dict[ShapeName, Callable[[dict[ColumnRole, list[str]]], Converter]] = {
        "text": _text,
        "conversations": _conversation,
        "messages": _conversation,
        "preference": _preference,
        "unknown": _unknown,
    }
    return makers.get(guess.shape, _flat)(by_role)


def _unknown(_: dict[ColumnRole, list[str]]) -> Converter:
    def convert(_: Any) -> Turns:
        raise UnfitRowError("no column of this row looks like a question or an answer")

    return convert


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


def _joined(row: dict[str, Any], columns: list[str]) -> str:
    return "\n\n".join(part for part in (plain(row.get(c)) for c in columns) if part.strip())


def _flat(by_role: dict[ColumnRole, list[str]]) -> Converter:
    questions = by_role.get("question", []) + by_role.get("context", [])
    answers = by_role.get("answer", [])
    systems, histories = by_role.get("system", []), by_role.get("history", [])
    needed = (*by_role.get("question", []), *answers)

    def convert(row: Any) -> Turns:
        if not isinstance(row, dict) or not any(name in row for name in needed):
            raise UnfitRowError(_lacks(row, needed))
        question, answer = _joined(row, questions), _joined(row, answers)
        turns = [Message("user", question), Message("assistant", answer)]
        for name in histories:
            turns = _history(row.get(name)) + turns
        system = _joined(row, systems) if systems else ""
        return (Message("system", system), *turns) if system else tuple(turns)

    return convert


def _lacks(row: Any, needed: tuple[str, ...]) -> str:
    if not isinstance(row, dict):
        return "the row is a single value without columns"
    names = " and ".join(f"“{name}”" for name in needed) or "a question and an answer"
    return f"the row has no {names}"


def _history(pairs: Any) -> list[Message]:
    turns: list[Message] = []
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, list) and len(pair) == 2:
            turns += [Message("user", plain(pair[0])), Message("assistant", plain(pair[1]))]
    return turns


def _text(by_role: dict[ColumnRole, list[str]]) -> Converter:
    columns = by_role.get("text", [])

    def convert(row: Any) -> Turns:
        if isinstance(row, str):
            return (Message("assistant", row),)
        if not isinstance(row, dict) or not any(name in row for name in columns):
            raise UnfitRowError(_lacks(row, tuple(columns)))
        return (Message("assistant", _joined(row, columns)),)

    return convert


def _preference(by_role: dict[ColumnRole, list[str]]) -> Converter:
    questions, systems = by_role.get("question", []), by_role.get("system", [])
    chosen = by_role.get("answer", ["chosen"])[0]

    def convert(row: Any) -> Turns:
        if not isinstance(row, dict) or chosen not in row:
            raise UnfitRowError(_lacks(row, (chosen,)))
        question, answer = _joined(row, questions), row[chosen]
        head = [Message("system", s)] if (s := _joined(row, systems)) else []
        if isinstance(answer, dict) and ("content" in answer or "value" in answer):
            answer = [answer]
        if not is_turns(answer):
            return (*head, Message("user", question), Message("assistant", plain(answer)))
        turns = [_turn(turn) for turn in answer]
        if turns[0].role == "assistant" and question:
            turns.insert(0, Message("user", question))
        return (*head, *turns)

    return convert


def _conversation(by_role: dict[ColumnRole, list[str]]) -> Converter:
    column = next(iter(by_role.get("conversation", [])), None)
    systems = by_role.get("system", [])

    def convert(row: Any) -> Turns:
        value = row.get(column) if isinstance(row, dict) else row
        if not isinstance(value, list):
            raise UnfitRowError(_lacks(row, (column or "messages",)))
        turns = tuple(_turn(turn) for turn in value)
        system = _joined(row, systems) if systems and isinstance(row, dict) else ""
        return (Message("system", system), *turns) if system else turns

    return convert


def _turn(turn: Any) -> Message:
    if not isinstance(turn, dict):
        raise UnfitRowError("a turn of the conversation is not an object with a role and a text")
    name = turn.get("role", turn.get("from"))
    role = _ROLES.get(name.strip().lower()) if isinstance(name, str) else None
    if role is None:
        raise UnfitRowError(f"a turn has the unknown role “{plain(name)[:40]}”")
    content = _content(turn.get("content", turn.get("value")))
    if calls := turn.get("tool_calls"):
        content = "\n".join(part for part in (content, plain(calls)) if part)
    return Message(role, content, _weight(turn))


def _content(value: Any) -> str:
    if not isinstance(value, list):
        return plain(value)
    parts = []
    for part in value:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and part.get("type", "text") in (
            "text",
            "input_text",
            "output_text",
        ):
            parts.append(plain(next((part[k] for k in _TEXT_KEYS if k in part), "")))
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


def task_of(row: Any, columns: list[str]) -> str:
    """Return the name of the row's task from its task columns."""
    return plain(cast("dict[str, Any]", row).get(columns[0])).strip() if columns else ""
