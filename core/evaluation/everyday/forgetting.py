"""What a fine-tune forgot: everyday questions with one right and three wrong answers.

Each model takes the answer that it holds to be the likeliest, so nothing has to be written or
judged, and a base of any size gets a score. Both models take theirs for the same questions, so the
interval of the difference is that of pairs (:func:`core.evaluation.intervals.of_shares`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chat.everyday import KINDS, Choice, EverydayQuestion, choices_of
from core.chat.packing import IGNORED
from core.evaluation.everyday.branches import scored
from core.evaluation.intervals import TOGETHER, Floats, of_shares
from core.generation.answers import evaluating
from core.jobs.scores import Difference

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

EVERYDAY = "everyday"
"""The measure of these differences."""

_MARGIN, _MARGIN_OF_A_KIND = 0.05, 0.15  # smaller changes do not matter

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a model took the right answer to each question of one kind after the other.

    Attributes:
        losses: nats and tokens of each right answer [n, 2]: they show a loss long before another
            answer becomes the likeliest, even where a small model knows little.
    """

    kinds: tuple[str, ...]
    right: tuple[bool, ...]
    losses: Floats = field(default_factory=lambda: np.zeros((0, 2)))


def everyday_answers(
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    device: str,
    questions: Sequence[EverydayQuestion],
    progress: Progress,
) -> tuple[Taken, Taken]:
    """Return what base and fine-tune take, in this order."""
    choices = choices_of(tokenizer, questions)
    total = 2 * len(choices)
    found = []
    for number, off in enumerate((True, False)):
        with model.disable_adapter() if off else nullcontext(), evaluating(model):
            before = number * len(choices)
            found.append(
                taken(model, choices, device, lambda n, b=before: progress(b + n, total))  # type: ignore[misc]
            )
    return found[0], found[1]


def taken(
    model: Any, choices: Sequence[Choice], device: str, progress: Callable[[int], None]
) -> Taken:
    """Return which questions ``model`` answers right, with its adapter as it is switched."""
    nats = scored(model, [choice.rows for choice in choices], device, progress)
    kinds = tuple(choice.kind for choice in choices)
    right = tuple(first < min(others) for first, *others in nats)
    trained = [sum(label != IGNORED for label in choice.rows[0].labels) for choice in choices]
    sums = [(of[0], tokens) for of, tokens in zip(nats, trained, strict=True)]
    return Taken(kinds, right, np.array(sums, dtype=np.float64))


def differences(base: Taken, tuned: Taken) -> list[Difference]:
    """Return how many questions each answered right: all together, then kind by kind."""
    whole = _difference("", base.right, tuned.right, compared=TOGETHER, margin=_MARGIN)
    by_kind = []
    for kind in KINDS:
        places = [place for place, name in enumerate(base.kinds) if name == kind]
        before, after = ([side.right[place] for place in places] for side in (base, tuned))
        by_kind.append(
            _difference(kind, before, after, compared=len(KINDS), margin=_MARGIN_OF_A_KIND)
        )
    return [whole, *by_kind]


def _difference(
    kind: str, before: Sequence[bool], after: Sequence[bool], *, compared: int, margin: float
) -> Difference:
    pairs = list(zip(before, after, strict=True))
    gained = sum(new and not old for old, new in pairs)
    lost = sum(old and not new for old, new in pairs)
    interval = of_shares(gained, lost, len(pairs), compared)
    return Difference(
        measure=EVERYDAY,
        task=kind,
        count=len(pairs),
        before=sum(before) / len(pairs),
        after=sum(after) / len(pairs),
        low=interval.low,
        high=interval.high,
        word=interval.word(margin),
    )
