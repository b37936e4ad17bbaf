"""What was done with examples so that a chat template can show them, counted and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.jobs.events import Notice
from core.training.readings import (
    EMPTY_THINKING,
    LOST,
    OTHER_PROMPT,
    REASONING_ADDED,
    SEVERAL_TEXTS,
)
from core.training.turns import EMPTY_QUESTION, SYSTEM_IN_QUESTION, TOOL_IN_QUESTION

_LOSES = "This base model's chat template leaves out {what}: the model will not see it."
SENTENCES: dict[str, str] = {
    LOST["system"]: _LOSES.format(what="the system text"),
    LOST["user"]: _LOSES.format(what="a question"),
    LOST["assistant"]: _LOSES.format(what="an earlier answer"),
    LOST["tool"]: _LOSES.format(what="what a tool returned"),
    SYSTEM_IN_QUESTION: "This base model's chat template has no place for a system text, so it "
    "stands in front of the question.",
    TOOL_IN_QUESTION: "This base model's chat template has no tool turns, so what a tool returned "
    "stands where a question would.",
    EMPTY_QUESTION: "This base model's chat template refuses an answer without a question, so an "
    "empty question stands before the text.",
    SEVERAL_TEXTS: "This base model's chat template shows earlier answers in another way than the "
    "last one, so each answer is learned in a text of its own.",
    OTHER_PROMPT: "This base model's chat template writes a finished conversation in another way "
    "than the prompt; the answers are learned after the prompt.",
    REASONING_ADDED: "This base model's chat template has no place for the reasoning, so it is "
    "learned as <think>…</think> before the answer.",
    EMPTY_THINKING: "Examples without reasoning are learned with an empty <think></think> before "
    "the answer, as this base model's chat template writes them: the model learns not to think.",
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


def sentences(counts: Mapping[str, int], total: int) -> list[tuple[str, str]]:
    """Return each note with its sentence and how many of ``total`` examples it is about."""
    return [
        (note, f"{text} ({counts[note]:,} of {total:,} examples)")
        for note, text in SENTENCES.items()
        if counts.get(note)
    ]


def about(note: str, text: str) -> Notice:
    """Return a note as a job tells it."""
    return Notice(level="warning" if note in MISSING else "info", code=f"data.{note}", text=text)
