"""From a parsed row to the turns of an :class:`Example`, for one known shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.data.example import Message
from core.data.readers.choices import chosen, is_choices, listed
from core.data.readers.conversations.reply_trees import path_to
from core.data.readers.conversations.roles import Speakers
from core.data.readers.conversations.turns import (
    UnfitRowError,
    content,
    holds_conversation,
    is_turns,
    is_typed_text,
    plain,
    read_turns,
    thought_apart,
)
from core.data.readers.conversations.wrapped import answer_in, asked_in
from core.data.readers.options import ColumnRole
from core.data.readers.shapes import CELLS, Guess, cell, has_cell
from core.language import N_
from core.storage.files import JsonObject

Turns = tuple[Message, ...]
Converter = Callable[[Any], Turns]
Columns = dict[ColumnRole, list[str]]

_ANSWER_KEYS = ("text", "value", "answer", "response", "completion", "content", "body")
_NOTHING = ("", "[]", "{}", "null", "None", "nan")


def converter(guess: Guess, speakers: Speakers | None = None) -> Converter:
    """Return the function that reads rows of this shape.

    The function raises :class:`UnfitRowError` for a row that has another shape.
    """
    by_role: Columns = {}
    for column, role in guess.columns.items():
        by_role.setdefault(role, []).append(column)
    if guess.shape in ("conversations", "messages"):
        convert = _conversation(by_role, speakers)
    elif guess.shape in ("text", "unknown"):
        convert = _text(by_role, guess.wrapped) if guess.shape == "text" else _unknown
    else:
        convert = _flat(by_role, guess.wrapped)
    if "reasoning" in by_role:
        convert = _reasoned(convert, by_role["reasoning"])
    return _weighted(convert, by_role["loss"]) if "loss" in by_role else convert


def _unknown(_: Any) -> Turns:
    raise UnfitRowError(N_("no column of this row looks like a question or an answer"))


def _reasoned(convert: Converter, columns: list[str]) -> Converter:
    """A column of reasoning belongs to the last answer, if that brings none itself."""

    def reasoned(row: Any) -> Turns:
        turns = convert(row)
        if not isinstance(row, dict) or not turns or turns[-1].role != "assistant":
            return turns
        reasoning = _joined(row, columns).strip()
        if not reasoning or turns[-1].reasoning:
            return turns
        return (*turns[:-1], replace(turns[-1], reasoning=reasoning))

    return reasoned


def _weighted(convert: Converter, columns: list[str]) -> Converter:
    """Rows that are marked as bad examples (``"label": false``) must not be learned."""

    def weighted(row: Any) -> Turns:
        turns = convert(row)
        if not isinstance(row, dict) or not any(_says_no(cell(row, name)) for name in columns):
            return turns
        return tuple(replace(turn, trained=False) for turn in turns)

    return weighted


def _says_no(value: Any) -> bool:
    return value is False or value == 0 or str(value).strip().lower() in ("false", "0", "no")


def _joined(row: Any, columns: Sequence[str]) -> str:
    parts = [_part(name, cell(row, name)) for name in columns]
    return parts[0] if len(parts) == 1 else "\n\n".join(part for part in parts if part.strip())


def _part(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return listed(value) if is_choices(name, value) else plain(value)


def _system(row: Any, columns: Sequence[str]) -> str:
    """Return the system text; an empty list of tools says nothing."""
    values = (cell(row, name) for name in columns)
    parts = ((content if is_typed_text(value) else plain)(value).strip() for value in values)
    return "\n\n".join(part for part in parts if part not in _NOTHING)


def _with_system(row: Any, columns: Sequence[str], turns: Sequence[Message]) -> Turns:
    """Put the system text in front; one that is a turn already is joined with it."""
    text = _system(row, columns) if columns else ""
    if not text:
        return tuple(turns)
    if turns and turns[0].role == "system":
        known = turns[0].content
        joined = known if text in known else f"{known}\n\n{text}"
        return (replace(turns[0], content=joined), *turns[1:])
    return (Message("system", text), *turns)


def _flat(by_role: Columns, wrapped: bool) -> Converter:
    """Rows with a column for the question and one for the answer (or the chosen answer)."""
    questions, contexts = by_role.get("question", []), by_role.get("context", [])
    answers, systems = by_role.get("answer", []), by_role.get("system", [])
    histories, earlier = by_role.get("history", []), by_role.get("conversation", [])
    needed = (*questions, *answers)

    def convert(row: Any) -> Turns:
        if isinstance(row, list):
            row = dict(zip(CELLS, row, strict=False))
        if not isinstance(row, dict) or not any(has_cell(row, name) for name in needed):
            raise _lacks(row, needed)
        asked = [turn for name in earlier if row.get(name) for turn in read_turns(row[name])]
        asked += [turn for name in histories for turn in _history(row.get(name))]
        asked += _asked(row, questions, contexts, wrapped=wrapped, only=not asked)
        answered = _answered(row, answers, contexts)
        if wrapped:
            answered = [replace(turn, content=answer_in(turn.content)) for turn in answered]
        answered = [thought_apart(turn) for turn in answered]
        if answered[0].role == "assistant":
            answered = [*asked, *answered]
        return _with_system(row, systems, answered)

    return convert


def _lacks(row: Any, needed: Sequence[str]) -> UnfitRowError:
    if not isinstance(row, dict):
        return UnfitRowError(N_("the row is a single value without columns"))
    if not needed:
        return UnfitRowError(N_("the row has no question and no answer"))
    if len(needed) == 1:
        return UnfitRowError(N_("the row has no column “{name}”"), name=needed[0])
    names = ", ".join(f"“{name}”" for name in needed)
    return UnfitRowError(N_("the row has none of the columns {names}"), names=names)


def _asked(
    row: JsonObject,
    questions: Sequence[str],
    contexts: Sequence[str],
    *,
    wrapped: bool,
    only: bool,
) -> list[Message]:
    for name in questions:
        value = cell(row, name)
        if isinstance(value, list | dict) and holds_conversation(value):
            return read_turns(value)
    text = _joined(row, [*questions, *contexts])
    if (wrapped or text.rstrip().endswith("Assistant:")) and (said := asked_in(text)):
        return read_turns(said)
    return [Message("user", text)] if text or only else []


def _answered(row: JsonObject, answers: Sequence[str], contexts: Sequence[str]) -> list[Message]:
    value = cell(row, answers[0]) if answers else ""
    for name in contexts:
        if is_choices(name, options := cell(row, name)) and (text := chosen(value, options)):
            return [Message("assistant", text)]
    if isinstance(value, list | dict) and holds_conversation(value) and not _are_texts(value):
        return read_turns(value)
    if len(answers) > 1:
        return [Message("assistant", _joined(row, answers))]
    if isinstance(value, str) and "Assistant:" in value and holds_conversation(value):
        return read_turns(value)
    return [Message("assistant", _first_answer(value))]


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _first_answer(value: Any) -> str:
    """Return the first of several equally right answers (``{"text": ["Paris"], …}``)."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("text", "value", "answer") if key in value), value)
    if isinstance(value, list):
        if not value:
            return ""
        if not isinstance(value[0], list | dict):
            value = value[0]
        elif isinstance(value[0], dict):
            said = _submitted(value)
            value = next((said[key] for key in _ANSWER_KEYS if key in said), value)
    return plain(value)


def _submitted(answers: list[Any]) -> JsonObject:
    """Return the answer that counts among those that several people gave."""
    known = [one for one in answers if isinstance(one, dict)]
    best = max(known, key=_merit)
    return next((one for one in known if one.get("status") == "submitted"), best)


def _merit(answer: JsonObject) -> float:
    """Return how good an answer was found to be; equal where nobody said so."""
    if isinstance(rank := answer.get("rank"), int | float):
        return -float(rank)
    scores = (answer.get(name) for name in ("overall_score", "score", "rating"))
    return next((float(score) for score in scores if isinstance(score, int | float)), 0.0)


def _history(pairs: Any) -> list[Message]:
    turns: list[Message] = []
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, list) and len(pair) == 2:
            turns += [Message("user", plain(pair[0])), Message("assistant", plain(pair[1]))]
        elif isinstance(pair, dict) and is_turns([pair]):
            turns += read_turns([pair])
    return turns


def _text(by_role: Columns, wrapped: bool) -> Converter:
    columns = by_role.get("text", [])

    def convert(row: Any) -> Turns:
        if isinstance(row, str):
            return (Message("assistant", row),)
        if not isinstance(row, dict) or not any(has_cell(row, name) for name in columns):
            raise _lacks(row, tuple(columns))
        text = _joined(row, columns)
        return (Message("assistant", answer_in(text) if wrapped else text),)

    return convert


def _conversation(by_role: Columns, speakers: Speakers | None) -> Converter:
    column = next(iter(by_role.get("conversation", [])), None)
    systems, answers = by_role.get("system", []), by_role.get("answer", [])

    def convert(row: Any) -> Turns:
        value = cell(row, column) if column and isinstance(row, dict) else row
        if not isinstance(value, list) and not holds_conversation(value):
            raise _lacks(row, (column or "messages",))
        if isinstance(row, dict) and isinstance(end := row.get("current_node"), str):
            value = path_to(value, end) or value
        turns = read_turns(value, speakers)
        if answers and isinstance(row, dict) and turns and turns[-1].role != "assistant":
            turns += _answered(row, answers, ())
        return _with_system(row, systems if isinstance(row, dict) else (), turns)

    return convert


def task_of(row: Any, columns: list[str]) -> str:
    """Return the name of the row's task from its task columns."""
    return plain(cell(row, columns[0])).strip() if columns else ""
