"""Shapes of rows: which column is the question, which the answer, and how to read a conversation.

Guessing looks at column names first and at their content second, and says how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.data.readers import known_columns as known
from core.data.readers.conversations.reply_trees import is_reply_tree
from core.data.readers.conversations.turns import (
    ends_with_a_question,
    holds_conversation,
    is_turns,
    is_typed_text,
)
from core.data.readers.conversations.wrapped import are_wrapped
from core.data.readers.options import ColumnRole, ShapeName
from core.data.readers.wordy_columns import are_conversations, is_prose, mean_length, texts_of
from core.storage.files import JsonObject

_MARGIN = 0.05
_TRIES = 3
_ENOUGH_TRANSCRIPTS = 0.8

CELLS = tuple(f"column {n}" for n in range(1, 17))  # not shown: names for options
"""Names of the columns of rows that are bare lists."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A shape with its column roles, and how sure the guess is (0 to 1).

    ``wrapped``: the texts carry a chat template's marks, which are no part of them.
    """

    shape: ShapeName
    columns: dict[str, ColumnRole] = field(default_factory=dict)
    confidence: float = 0.0
    wrapped: bool = False


UNKNOWN = Guess("unknown")
Rows = Sequence[JsonObject]


def cell(row: Any, name: str) -> Any:
    """Return a row's value; a name with dots reaches into objects inside the row."""
    if name in row or "." not in name:
        return row.get(name)
    outer, _, inner = name.partition(".")
    value = row.get(outer)
    return cell(value, inner) if isinstance(value, dict) else None


def has_cell(row: JsonObject, name: str) -> bool:
    """Return whether the row has this column, even if it is empty."""
    return name in row or ("." in name and cell(row, name) is not None)


def column_names(rows: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of the columns of parsed rows, in their order."""
    return tuple(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))


def guess_shape(rows: Sequence[Any], *, tries: int = _TRIES) -> Guess:
    """Guess the shape of the sample ``rows`` (parsed values of any kind).

    Args:
        tries: how often rows of another shape than the first guess may be looked at for themselves.
    """
    if not rows:
        return UNKNOWN
    if _share(rows, str) > 0.5:
        return Guess("text", {}, 0.8)
    if _share(rows, list) > 0.5:
        return _of_lists([row for row in rows if isinstance(row, list)])
    dicts = [row for row in rows if isinstance(row, dict)]
    if not dicts:
        return UNKNOWN
    names = column_names(dicts)
    guess = _by_name(names, dicts)
    if guess is None:
        return _nested(dicts) or _by_content(names, dicts)
    others = _of_the_others(guess, dicts, tries - 1) if tries else None
    return others or _with_marks(guess, dicts)


def _with_marks(guess: Guess, rows: Rows) -> Guess:
    """Note where questions and answers (or whole texts) carry a chat template's marks."""
    by_role = {role: name for name, role in guess.columns.items()}
    asked = by_role.get("question", by_role.get("text", ""))
    if guess.shape in ("messages", "conversations") or not asked:
        return guess
    questions = [cell(row, asked) for row in rows]
    answers = [cell(row, by_role["answer"]) for row in rows] if "answer" in by_role else []
    closed = are_wrapped(questions if answers else [], answers or questions)
    return replace(guess, wrapped=closed)


def _of_lists(rows: Sequence[list[Any]]) -> Guess:
    if all(map(is_turns, rows)):
        return Guess("messages", {}, 0.8)
    if all(2 <= len(row) <= len(CELLS) and all(isinstance(c, str) for c in row) for row in rows):
        named = [dict(zip(CELLS, row, strict=False)) for row in rows]
        return _by_content(column_names(named), named)
    return UNKNOWN


def _nested(rows: Rows) -> Guess | None:
    """Rows that keep their columns in an object: ``{"row": {"question": …}}``."""
    spread = [dict(_spread(row)) for row in rows]
    if spread == rows:
        return None
    guess = _by_name(column_names(spread), spread) or _translation(column_names(spread))
    if guess is None or not all(_is_speech(name, spread) for name in guess.columns):
        return None
    return Guess(guess.shape, guess.columns, guess.confidence - 0.1)


def _translation(names: Sequence[str]) -> Guess | None:
    """``{"translation": {"en": …, "de": …}}``: from the first language to the second."""
    languages = [name for name in names if name.startswith("translation.")]
    if len(languages) != 2:
        return None
    return Guess("question_answer", {languages[0]: "question", languages[1]: "answer"}, 0.6)


def _is_speech(name: str, rows: Rows) -> bool:
    values = [row.get(name) for row in rows if name in row]
    return all(isinstance(v, str | None) or holds_conversation(v) for v in values)


def _spread(row: Mapping[str, Any], depth: int = 2) -> Iterable[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and depth and not is_turns([value]):
            yield from ((f"{name}.{inner}", v) for inner, v in _spread(value, depth - 1))
        else:
            yield name, value


def _of_the_others(guess: Guess, rows: Rows, tries: int) -> Guess | None:
    """A few rows of another shape must not decide about the many that do not have it."""
    needed = [c for c, role in guess.columns.items() if role in ("answer", "conversation", "text")]
    others = [row for row in rows if not all(has_cell(row, name) for name in needed)]
    if 2 * len(others) <= len(rows) or len(others) == len(rows):
        return None
    found = guess_shape(others, tries=tries)
    return found if found.confidence >= guess.confidence - _MARGIN else None


def _share(rows: Sequence[Any], kind: type) -> float:
    return sum(isinstance(row, kind) for row in rows) / len(rows)


def _known(name: str) -> str:
    return name.rpartition(".")[2].strip().lower().replace(" ", "_").replace("-", "_")


def _find(names: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the column whose name comes first in ``wanted``."""
    lower = {_known(name): name for name in reversed(names)}
    return next((lower[name] for name in wanted if name in lower), "")


def _by_name(names: Sequence[str], rows: Rows) -> Guess | None:
    extra = _extra(names, rows)
    free = [name for name in names if extra.get(name) not in ("loss", "system", "reasoning")]
    turns = [n for n in free if _holds_turns(n, rows)]
    for chosen, rejected in known.PREFERRED:
        mine = (_find(names, [chosen]), _find(names, [rejected]))
        if all(mine):
            return _preference(mine, [n for n in free if n not in mine], turns, extra)
    flat = _flat(free, extra)
    roles = {} if flat is None else flat.columns
    if turns and not (flat and any(roles.get(name) in ("question", "answer") for name in turns)):
        return _conversation(_first(turns, known.CONVERSATIONS), names, rows, extra)
    if turns and flat and not _find(turns, known.CONVERSATIONS):
        return flat
    if turns:
        return _conversation(_first(turns, known.CONVERSATIONS), names, rows, extra)
    return flat or _summary(free, rows, extra) or _text(free, rows, extra)


def _first(names: Sequence[str], wanted: Sequence[str]) -> str:
    return _find(names, wanted) or names[0]


def _extra(names: Sequence[str], rows: Rows) -> dict[str, ColumnRole]:
    """Columns that stand beside question and answer in any shape."""
    extra: dict[str, ColumnRole] = {}
    if (system := _find(names, known.SYSTEMS)) and _is_system(system, rows):
        extra[system] = "system"
    if (task := _find(names, known.TASKS)) and _is_text(task, rows):
        extra[task] = "task"
    if (verdict := _find(names, known.VERDICTS)) and _is_yes_or_no(verdict, rows):
        extra[verdict] = "loss"
    if (reasoning := _find(names, known.REASONINGS)) and _is_text(reasoning, rows):
        extra[reasoning] = "reasoning"
    return extra


def _is_system(name: str, rows: Rows) -> bool:
    values = (row.get(name, "") for row in rows)
    return all(isinstance(value, str | None) or is_typed_text(value) for value in values)


def _is_text(name: str, rows: Rows) -> bool:
    return all(isinstance(row.get(name, ""), str | None) for row in rows)


def _is_yes_or_no(name: str, rows: Rows) -> bool:
    return all(isinstance(row.get(name, False), bool | None) for row in rows)


def _holds_turns(name: str, rows: Rows) -> bool:
    """Turns with roles count under any name, other forms only where the name speaks for it."""
    values = [value for row in rows if (value := row.get(name))]
    if any(is_turns(value) for value in values):
        return True
    if not values or _known(name) not in known.CONVERSATIONS:
        return any(map(is_reply_tree, values))
    found = sum(map(holds_conversation, values[:20]))
    return found >= _ENOUGH_TRANSCRIPTS * len(values[:20])


def _preference(
    mine: tuple[str, str], others: Sequence[str], turns: Sequence[str], extra: Mapping[str, Any]
) -> Guess:
    columns: dict[str, ColumnRole] = {mine[0]: "answer", **extra}
    asked = [name for name in others if name in turns]
    if question := _find(others, known.QUESTIONS):
        columns[question] = "question"
    elif asked:
        columns[_first(asked, known.CONVERSATIONS)] = "conversation"
    _add_contexts(columns, others)
    return Guess("preference", columns, 0.95)


def _conversation(
    column: str, names: Sequence[str], rows: Rows, extra: Mapping[str, ColumnRole]
) -> Guess:
    columns: dict[str, ColumnRole] = {column: "conversation"}
    columns.update(extra)
    if (tools := _find(names, known.TOOLS)) and tools != column:
        columns[tools] = "system"
    answer = _find([n for n in names if n != column], known.ANSWERS)
    if answer and answer not in columns and _is_asked_only(column, answer, rows):
        columns[answer] = "answer"
    first = next((row[column][0] for row in rows if is_turns(row.get(column))), {"from": ""})
    return Guess("messages" if "role" in first else "conversations", columns, 0.97)


def _is_asked_only(column: str, answer: str, rows: Rows) -> bool:
    """Return whether every conversation ends with a question, and a text answers it."""
    asked = [row[column] for row in rows if is_turns(row.get(column))]
    return bool(asked) and _is_text(answer, rows) and all(map(ends_with_a_question, asked))


def _flat(names: Sequence[str], extra: Mapping[str, ColumnRole]) -> Guess | None:
    question, answer = _find(names, known.QUESTIONS), _find(names, known.ANSWERS)
    if not question:
        question = _find([n for n in names if n != answer], known.CONTEXTS)
    if not question or not answer:
        return None
    columns: dict[str, ColumnRole] = {question: "question"}
    if _known(question) == "instruction" and (more := _find(names, ("question", "query"))):
        columns[more] = "context"
    _add_contexts(columns, names)
    columns[answer] = "answer"
    if (history := _find(names, ("history",))) and history not in columns:
        columns[history] = "history"
    columns.update({name: role for name, role in extra.items() if name not in columns})
    return Guess(_flat_shape(question), columns, 0.95)


def _add_contexts(columns: dict[str, ColumnRole], names: Sequence[str]) -> None:
    """Everything that the question needs stands behind it."""
    for wanted in known.CONTEXTS:
        name = _find(names, [wanted])
        if name and name not in columns:
            columns[name] = "question" if "question" not in columns.values() else "context"


def _flat_shape(question: str) -> ShapeName:
    name = question.lower()
    if name == "instruction":
        return "instruction"
    return "prompt_completion" if "prompt" in name else "question_answer"


def _summary(names: Sequence[str], rows: Rows, extra: Mapping[str, ColumnRole]) -> Guess | None:
    """A text and what is to be said about it: its summary, its label."""
    document = _find(names, known.DOCUMENTS)
    digest = _find([name for name in names if name != document], known.DIGESTS)
    if not document or not digest or not _is_text(document, rows) or not _is_text(digest, rows):
        return None
    columns: dict[str, ColumnRole] = {document: "question", digest: "answer", **extra}
    return Guess("question_answer", columns, 0.7)


def _text(names: Sequence[str], rows: Rows, extra: Mapping[str, ColumnRole]) -> Guess | None:
    column = _find(names, known.TEXTS)
    if not column or not _is_text(column, rows):
        return None
    if are_conversations([row[column] for row in rows if row.get(column)]):
        return Guess("conversations", {column: "conversation"}, 0.85)
    task = {name: role for name, role in extra.items() if role == "task"}
    return Guess("text", {column: "text", **task}, 0.7)


def _by_content(names: Sequence[str], rows: Rows) -> Guess:
    """Two wordy columns are probably question and answer, in this order.

    A date, a link or a row's number is neither.
    """
    lengths = {name: mean_length(name, rows) for name in names}
    wordy = sorted(names, key=lambda name: -lengths[name])[:2]
    wordy = [name for name in names if name in wordy and lengths[name] >= 1]
    if len(wordy) == 2:
        sure = 0.55 if all(is_prose(texts_of(name, rows)) for name in wordy) else 0.4
        columns: dict[str, ColumnRole] = {wordy[0]: "question", wordy[1]: "answer"}
        return _with_marks(Guess("question_answer", columns, sure), rows)
    if len(wordy) == 1:
        if are_conversations(texts_of(wordy[0], rows)):
            return Guess("conversations", {wordy[0]: "conversation"}, 0.7)
        return Guess("text", {wordy[0]: "text"}, 0.3)
    return UNKNOWN
