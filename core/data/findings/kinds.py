"""The kinds of findings, their order and what is done about them by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.language import N_, _


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
    FRAME = "signature"


class Action(StrEnum):
    """What is done with the rows of a finding: repair them, leave them out, or nothing."""

    FIX = "fix"
    DROP = "drop"
    IGNORE = "ignore"


HARMFUL = (Kind.SECRET, Kind.PERSONAL_DATA)
"""What a model may repeat to anyone: nothing is done by default, so you have to decide."""

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

    The texts are English, as they are marked for translation; the properties give them in the
    present language.

    Attributes:
        name: completes "147 × …".
        effect: why it matters.
        fix: the action that the *Fix* button stands for.
        button: what that button is called.
        default: what happens when nobody decides.
    """

    name: str
    effect: str
    fix: Action
    button: str
    default: Action

    @property
    def title(self) -> str:
        """What completes "147 × …"."""
        return _(self.name)

    @property
    def why(self) -> str:
        """Why it matters, in a sentence."""
        return _(self.effect)

    @property
    def fix_label(self) -> str:
        """What the *Fix* button is called, ``""`` where there is none."""
        return _(self.button) if self.button else ""

    @property
    def is_optional(self) -> bool:
        """Whether the rows may stay as they are."""
        return not (self.default is Action.DROP and self.button == "")


_FIX, _DROP, _IGNORE = Action.FIX, Action.DROP, Action.IGNORE
_REMOVE = N_("Remove")

# Translators: the names of findings stand behind a number: "147 × exact copies".
INFO: dict[Kind, KindInfo] = {
    Kind.EXACT_DUPLICATE: KindInfo(
        N_("exact copies"),
        N_("From copies the model learns one answer by heart instead of the rule."),
        _DROP, N_("Remove copies"), _DROP,
    ),
    Kind.NEAR_DUPLICATE: KindInfo(
        N_("near-duplicates of another example"),
        N_("Near-duplicates weigh double. They are never used for both training and testing."),
        _DROP, N_("Remove near-duplicates"), _IGNORE,
    ),
    Kind.WHITESPACE: KindInfo(
        N_("stray spaces or invisible characters"),
        N_("The model would learn to write them."),
        _FIX, N_("Tidy"), _FIX,
    ),
    Kind.BROKEN_TEXT: KindInfo(
        N_("broken characters"),
        N_("A wrong encoding damaged some letters. What cannot be repaired is left out."),
        _FIX, N_("Repair"), _FIX,
    ),
    Kind.HTML: KindInfo(
        N_("stray HTML or markup"),
        N_("The model would sprinkle tags into its answers."),
        _FIX, N_("Remove tags"), _IGNORE,
    ),
    Kind.MIXED_FORMAT: KindInfo(
        N_("different format from the rest"),
        N_("Mixed formats teach the model to mix them too."),
        _FIX, N_("Make uniform"), _FIX,
    ),
    Kind.EMPTY: KindInfo(
        N_("missing question or answer"), N_("There is nothing to learn."),
        _DROP, _REMOVE, _DROP,
    ),
    Kind.TRIVIAL: KindInfo(
        N_("answers that say nothing"),
        N_("The model would learn to answer with placeholders."),
        _DROP, _REMOVE, _IGNORE,
    ),
    Kind.ROLE_ORDER: KindInfo(
        N_("turns in an impossible order"),
        N_("Models expect questions and answers in turn and refuse any other order."),
        _FIX, N_("Put in order"), _FIX,
    ),
    Kind.ECHO: KindInfo(
        N_("answers that repeat the question"),
        N_("The model would learn to repeat the question instead of answering it."),
        _DROP, _REMOVE, _IGNORE,
    ),
    Kind.TOO_LONG: KindInfo(
        N_("answers longer than the limit"),
        N_("The end of the answer would be cut off in training."),
        _DROP, _REMOVE, _DROP,
    ),
    Kind.LANGUAGE: KindInfo(
        N_("different language from the rest"),
        N_("The model may answer in the wrong language."),
        _DROP, _REMOVE, _IGNORE,
    ),
    Kind.OUTLIER: KindInfo(
        N_("very unusual length"),
        N_("A few extremely long or short examples are often mistakes."),
        _DROP, _REMOVE, _IGNORE,
    ),
    Kind.CONFLICT: KindInfo(
        N_("same question, different answer"),
        N_("Contradictions teach the model to guess."),
        _DROP, N_("Keep only the first"), _IGNORE,
    ),
    Kind.SECRET: KindInfo(
        N_("possible password or key"),
        N_("Models can repeat secrets to anyone."),
        _FIX, N_("Hide"), _IGNORE,
    ),
    Kind.PERSONAL_DATA: KindInfo(
        N_("personal data"),
        N_("Models can repeat addresses and numbers to anyone. Names and streets are not found."),
        _FIX, N_("Hide"), _IGNORE,
    ),
    Kind.PROFANITY: KindInfo(
        N_("coarse language"),
        N_("This is only a hint. The words may well belong there."),
        _DROP, _REMOVE, _IGNORE,
    ),
    Kind.MALFORMED_ROW: KindInfo(
        N_("rows that cannot be read"), N_("They are left out. The rest is used."),
        _DROP, "", _DROP,
    ),
    Kind.UNLEARNABLE: KindInfo(
        N_("nothing the model could learn"),
        N_("There is no answer, or every answer is marked as not to be learned."),
        _DROP, "", _DROP,
    ),
    Kind.FRAME: KindInfo(
        N_("same greeting or signature"),
        N_("The model learns this first and writes it anywhere, also where it means nothing."),
        _FIX, N_("Remove it there"), _IGNORE,
    ),
}  # fmt: skip
