"""What was done with examples so that a chat template can show them, counted and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.chat.readings import (
    EMPTY_THINKING,
    LOST,
    OTHER_PROMPT,
    REASONING_ADDED,
    SEVERAL_TEXTS,
)
from core.chat.turns import EMPTY_QUESTION, SYSTEM_IN_QUESTION, TOOL_IN_QUESTION
from core.events import Notice
from core.language import N_, Sentence, _

SENTENCES: dict[str, str] = {
    LOST["system"]: N_(
        "This base model's chat template leaves out the system text: the model will not see it."
    ),
    LOST["user"]: N_(
        "This base model's chat template leaves out a question: the model will not see it."
    ),
    LOST["assistant"]: N_(
        "This base model's chat template leaves out an earlier answer: the model will not see it."
    ),
    LOST["tool"]: N_(
        "This base model's chat template leaves out what a tool returned: the model will not see "
        "it."
    ),
    SYSTEM_IN_QUESTION: N_(
        "This base model's chat template has no place for a system text, so it comes before the "
        "question."
    ),
    TOOL_IN_QUESTION: N_(
        "This base model's chat template has no tool turns, so what a tool returned takes the "
        "place of a question."
    ),
    EMPTY_QUESTION: N_(
        "This base model's chat template refuses an answer without a question, so an empty "
        "question comes before the text."
    ),
    SEVERAL_TEXTS: N_(
        "This base model's chat template shows earlier answers differently from the last one, so "
        "each answer is learned in its own text."
    ),
    OTHER_PROMPT: N_(
        "This base model's chat template writes a finished conversation differently from the "
        "prompt; the answers are learned after the prompt."
    ),
    REASONING_ADDED: N_(
        "This base model's chat template has no place for the reasoning, so it is learned as "
        "<think>…</think> before the answer."
    ),
    EMPTY_THINKING: N_(
        "Examples without reasoning are learned with an empty <think></think> before the answer, "
        "as this base model's chat template writes them: the model learns not to think."
    ),
}
"""What each note says; where content is missing first."""

PLACES = (
    LOST["system"], LOST["user"], LOST["assistant"], LOST["tool"], SYSTEM_IN_QUESTION,
    TOOL_IN_QUESTION, EMPTY_QUESTION, SEVERAL_TEXTS, OTHER_PROMPT, REASONING_ADDED, EMPTY_THINKING,
)  # fmt: skip
"""The bit of each note in stored tables: append only."""

MISSING = frozenset(LOST.values())
"""Notes about content that the model would not see."""


def packed(notes: Iterable[str]) -> int:
    """Return notes as the bits of a number."""
    return sum(1 << PLACES.index(note) for note in notes)


def named(bits: int) -> list[str]:
    """Inverse of :func:`packed`."""
    return [note for place, note in enumerate(PLACES) if bits >> place & 1]


def sentences(counts: Mapping[str, int], total: int) -> list[tuple[str, Sentence]]:
    """Return each note with its sentence and how many of ``total`` examples it is about."""
    return [
        (note, _about(text, counts[note], total))
        for note, text in SENTENCES.items()
        if counts.get(note)
    ]


def _about(text: str, count: int, total: int) -> Sentence:
    return _("{note} ({count:,} of {total:,} examples)", note=_(text), count=count, total=total)


def about(note: str, text: str) -> Notice:
    """Return a note as a job tells it."""
    return Notice(level="warning" if note in MISSING else "info", code=f"data.{note}", text=text)
