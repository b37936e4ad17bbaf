"""Everyday questions with one right answer and three wrong ones: what a fine-tune may forget.

A small base answers few of them in its own words, but it can still hold the right answer to be
likelier than the wrong ones, which needs no writing and no judge. They are asked as plain text,
without the chat template: what a model knows is measured, not how it learned to talk, and half as
many tokens are computed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from core.chat.packing import IGNORED, Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Kind = Literal[
    "arithmetic", "facts", "language", "reasoning", "code", "nonsense", "format", "second_language"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
EVERYDAY_FILE = "everyday_questions.jsonl"
_EARLY = 3  # questions of each kind that are looked at during a run


class EverydayQuestion(BaseModel):
    """One question of the set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    question: str
    right: str
    wrong: tuple[str, ...] = Field(min_length=3, max_length=3)


@dataclass(frozen=True, slots=True)
class Choice:
    """A question as tokens: the row of the right answer, then those of the wrong ones."""

    kind: Kind
    rows: tuple[Row, ...]


def everyday_questions(most: int = 0) -> tuple[EverydayQuestion, ...]:
    """Return the questions, kind after kind: all, or about ``most`` with as many of each kind."""
    return _first_of_each_kind(-(-most // len(KINDS))) if most else _all_questions()


@cache
def _all_questions() -> tuple[EverydayQuestion, ...]:
    text = (resources.files("resources") / EVERYDAY_FILE).read_text(encoding="utf-8")
    return tuple(EverydayQuestion.model_validate_json(line) for line in text.splitlines())


def early_questions() -> tuple[EverydayQuestion, ...]:
    """Return the few that are looked at during a run, as many of each kind, always the same."""
    return _first_of_each_kind(_EARLY)


def _first_of_each_kind(count: int) -> tuple[EverydayQuestion, ...]:
    by_kind = {kind: [q for q in _all_questions() if q.kind == kind] for kind in KINDS}
    return tuple(q for questions in by_kind.values() for q in questions[:count])


def choices_of(
    tokenizer: PreTrainedTokenizerBase, questions: Iterable[EverydayQuestion]
) -> list[Choice]:
    """Return the questions as the model reads them."""
    return [
        Choice(q.kind, tuple(_row(tokenizer, q.question, a) for a in (q.right, *q.wrong)))
        for q in questions
    ]


def right_rows(
    tokenizer: PreTrainedTokenizerBase, questions: Iterable[EverydayQuestion]
) -> list[Row]:
    """Return the right answers after their questions."""
    return [_row(tokenizer, q.question, q.right) for q in questions]


def _row(tokenizer: PreTrainedTokenizerBase, question: str, answer: str) -> Row:
    """What both texts begin with is the question; some tokenizers end every text with a token."""
    asked = f"Question: {question}\nAnswer:"  # not shown: a model reads it
    prompt = tokenizer(asked)["input_ids"]
    ids = tokenizer(f"{asked} {answer}\n")["input_ids"]
    pairs = zip(prompt, ids, strict=False)
    known = next((n for n, (one, other) in enumerate(pairs) if one != other), len(prompt))
    known = max(1, min(known, len(ids) - 1))
    return Row(ids, [IGNORED] * known + list(ids[known:]))
