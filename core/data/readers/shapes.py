"""Shapes of rows: which column is the question, which the answer, and how to read a conversation.

Guessing looks at column names first and at their content second, and says how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.data.readers.options import ColumnRole, ShapeName

_QUESTIONS = (
    "instruction", "prompt", "question", "query", "user", "human", "problem", "ask", "request",
    "frage", "input_text", "user_prompt", "user_message", "text_input",
)  # fmt: skip
_CONTEXTS = ("input", "context", "passage")
_ANSWERS = (
    "output", "response", "completion", "answer", "assistant", "target", "reply", "solution",
    "antwort", "label", "summary", "gpt", "bot", "output_text", "assistant_message", "answers",
)  # fmt: skip
_SYSTEMS = ("system", "system_prompt", "system_message")
_CONVERSATIONS = ("messages", "conversations", "conversation", "dialogue", "dialog", "turns")
_TEXTS = ("text", "content", "body", "document", "passage")
_MARGIN = 0.05
_TASKS = ("task", "category", "task_type")


@dataclass(frozen=True, slots=True)
class Guess:
    """A shape with its column roles, and how sure the guess is (0 to 1)."""

    shape: ShapeName
    columns: dict[str, ColumnRole] = field(default_factory=dict)
    confidence: float = 0.0


UNKNOWN = Guess("unknown")


def guess_shape(rows: Sequence[Any]) -> Guess:
    """Guess the shape of the sample ``rows`` (parsed values of any kind)."""
    if not rows:
        return UNKNOWN
    if _share(rows, str) > 0.5:
        return Guess("text", {}, 0.8)
    if _share(rows, list) > 0.5:
        lists = [row for row in rows if isinstance(row, list)]
        return Guess("messages", {}, 0.8) if all(map(is_turns, lists)) else UNKNOWN
    dicts = [row for row in rows if isinstance(row, dict)]
    if not dicts:
        return UNKNOWN
    names = list(dict.fromkeys(name for row in dicts for name in row))
    guess = _by_name(names, dicts)
    if guess is None:
        return _by_content(names, dicts)
    return _of_the_others(guess, dicts) or guess


def _of_the_others(guess: Guess, rows: Sequence[dict[str, Any]]) -> Guess | None:
    """A few rows of another shape must not decide about the many that do not have it."""
    needed = [c for c, role in guess.columns.items() if role in ("answer", "conversation", "text")]
    others = [row for row in rows if not all(name in row for name in needed)]
    if 2 * len(others) <= len(rows):
        return None
    found = guess_shape(others)
    return found if found.confidence >= guess.confidence - _MARGIN else None


def _share(rows: Sequence[Any], kind: type) -> float:
    return sum(isinstance(row, kind) for row in rows) / len(rows)


def is_turns(value: Any) -> bool:
    """Return whether ``value`` is a list of turns of a conversation."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in value)
    )


def _find(names: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the column whose name comes first in ``wanted``."""
    lower = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in names}
    return next((lower[name] for name in wanted if name in lower), "")


def _by_name(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Guess | None:
    extra: dict[str, ColumnRole] = {}
    if (system := _find(names, _SYSTEMS)) and _is_text(system, rows):
        extra[system] = "system"
    if (task := _find(names, _TASKS)) and _is_text(task, rows):
        extra[task] = "task"
    turns = next((n for n in names if any(is_turns(row.get(n)) for row in rows)), "")
    if "chosen" in names and "rejected" in names:
        return _preference(names, extra)
    if turns:
        extra.pop(task, None)
        return Guess(_turns_shape(turns, rows), {turns: "conversation", **extra}, 0.97)
    return _flat(names, extra) or _text(names, rows)


def _is_text(name: str, rows: Sequence[dict[str, Any]]) -> bool:
    return all(isinstance(row.get(name, ""), str | None) for row in rows)


def _preference(names: Sequence[str], extra: Mapping[str, ColumnRole]) -> Guess:
    columns: dict[str, ColumnRole] = {"chosen": "answer", **extra}
    if question := _find(names, _QUESTIONS + _CONTEXTS):
        columns[question] = "question"
    return Guess("preference", columns, 0.95)


def _turns_shape(column: str, rows: Sequence[dict[str, Any]]) -> ShapeName:
    first = next(row[column][0] for row in rows if is_turns(row.get(column)))
    return "messages" if "role" in first else "conversations"


def _flat(names: Sequence[str], extra: Mapping[str, ColumnRole]) -> Guess | None:
    question, answer = _find(names, _QUESTIONS), _find(names, _ANSWERS)
    context = _find(names, _CONTEXTS)
    if not question and context:
        question, context = context, ""
    if not question or not answer:
        return None
    columns: dict[str, ColumnRole] = {question: "question"}
    if context:
        columns[context] = "context"
    columns[answer] = "answer"
    if (history := _find(names, ("history",))) and history not in columns:
        columns[history] = "history"
    columns.update({name: role for name, role in extra.items() if name not in columns})
    return Guess(_flat_shape(question), columns, 0.95)


def _flat_shape(question: str) -> ShapeName:
    name = question.lower()
    if name == "instruction":
        return "instruction"
    return "prompt_completion" if "prompt" in name else "question_answer"


def _text(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Guess | None:
    column = _find(names, _TEXTS)
    return Guess("text", {column: "text"}, 0.7) if column and _is_text(column, rows) else None


def _by_content(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Guess:
    """Two wordy columns are probably question and answer, in this order."""
    lengths = {name: _mean_length(name, rows) for name in names}
    wordy = sorted(names, key=lambda name: -lengths[name])[:2]
    wordy = [name for name in names if name in wordy and lengths[name] >= 1]
    if len(wordy) == 2:
        return Guess("question_answer", {wordy[0]: "question", wordy[1]: "answer"}, 0.4)
    if len(wordy) == 1:
        return Guess("text", {wordy[0]: "text"}, 0.3)
    return UNKNOWN


def _mean_length(name: str, rows: Sequence[dict[str, Any]]) -> float:
    values = [row.get(name) for row in rows]
    texts = [value for value in values if isinstance(value, str)]
    return sum(map(len, texts)) / len(rows) if len(texts) > 0.8 * len(rows) else 0.0
