"""The kinds of findings, their order and what is done about them by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong with an example."""

    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    WHITESPACE = "whitespace"
    BROKEN_TEXT = "broken_text"
    HTML = "html"
    MIXED_FORMAT = "mixed_format"
    EMPTY = "empty"
    TRIVIAL = "trivial"
    ROLE_ORDER = "role_order"
    ECHO = "echo"
    TOO_LONG = "too_long"
    LANGUAGE = "language"
    OUTLIER = "outlier"
    CONFLICT = "conflict"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    PERSONAL_DATA = "personal_data"
    PROFANITY = "profanity"
    MALFORMED_ROW = "malformed_row"
    UNLEARNABLE = "unlearnable"


class Action(StrEnum):
    """What is done with the rows of a finding: repair them, leave them out, or nothing."""

    FIX = "fix"
    DROP = "drop"
    IGNORE = "ignore"


HARMFUL = (Kind.SECRET, Kind.PERSONAL_DATA)
"""What a model may repeat to anyone: nothing is done by default, so somebody has to decide."""

BIT: dict[Kind, int] = {kind: 1 << place for place, kind in enumerate(Kind)}
"""Each kind's bit in the ``uint32`` that a draft stores for every row."""


def bits(kinds: Iterable[Kind]) -> int:
    """Return the mask of several kinds."""
    mask = 0
    for kind in kinds:
        mask |= BIT[kind]
    return mask


def kinds_in(mask: int) -> tuple[Kind, ...]:
    """Return the kinds whose bits are set, in their order."""
    return tuple(kind for kind in Kind if mask & BIT[kind])


@dataclass(frozen=True, slots=True)
class KindInfo:
    """How a kind is called, why it matters, and what may be done about it.

    ``title`` completes "… 147 examples"; ``remedy`` is the action that the *Fix* button stands
    for; ``default`` is what happens when nobody decides.
    """

    title: str
    why: str
    remedy: Action
    remedy_label: str
    default: Action

    @property
    def is_optional(self) -> bool:
        """Whether the rows may stay as they are."""
        return not (self.default is Action.DROP and self.remedy_label == "")


_FIX, _DROP, _IGNORE = Action.FIX, Action.DROP, Action.IGNORE

INFO: dict[Kind, KindInfo] = {
    Kind.EXACT_DUPLICATE: KindInfo(
        "exact copies", "Copies make the model memorise.", _DROP, "Remove copies", _DROP
    ),
    Kind.NEAR_DUPLICATE: KindInfo(
        "almost the same as another example",
        "Near copies count double; they never end up on both sides of the split.",
        _DROP, "Remove near copies", _IGNORE,
    ),
    Kind.WHITESPACE: KindInfo(
        "stray spaces or invisible characters",
        "The model would learn to write them.",
        _FIX, "Tidy", _FIX,
    ),
    Kind.BROKEN_TEXT: KindInfo(
        "broken characters",
        "Letters were damaged by a wrong encoding; what cannot be repaired is left out.",
        _FIX, "Repair", _FIX,
    ),
    Kind.HTML: KindInfo(
        "stray HTML or markup",
        "The model would sprinkle tags into its answers.",
        _FIX, "Remove tags", _IGNORE,
    ),
    Kind.MIXED_FORMAT: KindInfo(
        "another format than the rest",
        "Mixed formats teach the model to mix them too.",
        _FIX, "Make uniform", _FIX,
    ),
    Kind.EMPTY: KindInfo(
        "without a question or an answer", "There is nothing to learn.", _DROP, "Remove", _DROP
    ),
    Kind.TRIVIAL: KindInfo(
        "answers that say nothing",
        "The model would learn to answer with placeholders.",
        _DROP, "Remove", _IGNORE,
    ),
    Kind.ROLE_ORDER: KindInfo(
        "turns in an impossible order",
        "Models expect question and answer in turn and refuse other orders.",
        _FIX, "Put in order", _FIX,
    ),
    Kind.ECHO: KindInfo(
        "answers that repeat the question",
        "The model would learn to parrot.",
        _DROP, "Remove", _IGNORE,
    ),
    Kind.TOO_LONG: KindInfo(
        "longer than the limit",
        "The end of the answer would be cut off in training.",
        _DROP, "Remove", _DROP,
    ),
    Kind.LANGUAGE: KindInfo(
        "another language than the rest",
        "The model may answer in the wrong language.",
        _DROP, "Remove", _IGNORE,
    ),
    Kind.OUTLIER: KindInfo(
        "of very unusual length",
        "A few giants or dwarfs are often mistakes.",
        _DROP, "Remove", _IGNORE,
    ),
    Kind.CONFLICT: KindInfo(
        "same question, different answer",
        "Contradictions teach the model to guess.",
        _DROP, "Keep only the first", _IGNORE,
    ),
    Kind.SECRET: KindInfo(
        "what looks like a password or key",
        "Models can repeat secrets to anyone.",
        _FIX, "Hide", _IGNORE,
    ),
    Kind.PERSONAL_DATA: KindInfo(
        "personal data",
        "Models can repeat addresses and numbers to anyone.",
        _FIX, "Hide", _IGNORE,
    ),
    Kind.PROFANITY: KindInfo(
        "coarse language", "Only a hint: it may well belong there.", _DROP, "Remove", _IGNORE
    ),
    Kind.MALFORMED_ROW: KindInfo(
        "rows that cannot be read", "They are left out; the rest is used.", _DROP, "", _DROP
    ),
    Kind.UNLEARNABLE: KindInfo(
        "nothing that the model could learn",
        "No answer, or every answer is marked as not to be learned.",
        _DROP, "", _DROP,
    ),
}  # fmt: skip
