"""The answers that are checked for inventions: to unseen examples, and to what cannot be known.

A question that cannot be known is an unseen one in which every name, number and identifier was
replaced by one that does not exist. Whatever is named in its answer and stands not in the question
is invented, so it needs no expected answer.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.example import Example
from core.evaluation.facts.checker import Mark, doubt, marked
from core.evaluation.facts.words import folded
from core.evaluation.intervals import FEWEST, of_shares
from core.jobs.scores import Difference

INVENTED = "invented"
"""The measure of the difference."""
MOST_CASES = 200
_MARGIN = 0.05
_LOOKED_AT = 2000  # training examples whose small words are no names
_OFTEN = 2
_SYLLABLES = tuple("bardelfengorhalkirlommurnevpolrudtasvin"[n : n + 3] for n in range(0, 39, 3))

Kind = Literal["held_out", "unknowable", "own"]


class FactAnswer(BaseModel):
    """What one model answered, and what in it nothing vouches for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    marks: list[Mark] = Field(default_factory=list)

    @property
    def doubt(self) -> float:
        """How doubtful it is, from 0 to 1."""
        return doubt(self.marks)


class FactCase(BaseModel):
    """One question with both answers; nothing is expected where nothing can be known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    question: str
    reference: str = ""
    base: FactAnswer
    tuned: FactAnswer


def usual_words(training: Iterable[Example]) -> frozenset[str]:
    """Return the words that the examples write in small letters: with a capital, they begin one."""
    counts: Counter[str] = Counter()
    for number, example in enumerate(training):
        if number == _LOOKED_AT:
            break
        text = "\n".join(message.content for message in example.messages)
        counts.update({folded(word) for word in re.findall(r"\b[a-zà-ÿ][^\W\d_]+", text)})
    return frozenset(word for word, count in counts.items() if count >= _OFTEN)


def cases_of(
    kind: Kind,
    examples: Sequence[Example],
    base: Sequence[str],
    tuned: Sequence[str],
    usual: frozenset[str] = frozenset(),
) -> list[FactCase]:
    """Return the cases with what is to be looked at in both answers."""
    found = []
    for example, *answers in zip(examples, base, tuned, strict=False):
        reference = "" if kind == "unknowable" else example.answer
        known = (example.question, reference)
        before, after = (FactAnswer(text=a, marks=list(marked(a, known, usual))) for a in answers)
        found.append(
            FactCase(
                kind=kind,
                question=example.question,
                reference=reference,
                base=before,
                tuned=after,
            )
        )
    return found


def unknowable(examples: Sequence[Example], count: int, seed: int = 0) -> list[Example]:
    """Return up to ``count`` questions about things that do not exist."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    found: list[Example] = []
    for example in examples:
        if len(found) == count:
            break
        *before, question, answer = example.messages
        swapped = _swapped(question.content, dice)
        if swapped == question.content:
            continue
        asked = (*before, replace(question, content=swapped), replace(answer, content=""))
        found.append(replace(example, messages=asked))
    return found


def _swapped(text: str, dice: random.Random) -> str:
    """Everything that nothing vouches for in an empty room is swapped, alike wherever it stands."""
    made: dict[str, str] = {}
    for mark in marked(text, ()):
        thing = text[mark.start : mark.end]
        if mark.kind != "quote":
            made.setdefault(thing, _other(thing, dice))
    for thing in sorted(made, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(thing)}(?!\w)", lambda _m, t=thing: made[t], text)  # type: ignore[misc]
    return text


def _other(thing: str, dice: random.Random) -> str:
    """Something of the same form: letters become a word that does not exist, digits others."""

    def word(match: re.Match[str]) -> str:
        size = max(2, min(4, round(len(match.group()) / 3)))
        made = "".join(dice.choice(_SYLLABLES) for _ in range(size))[: max(4, len(match.group()))]
        return made.capitalize() if match.group()[0].isupper() else made

    other = re.sub(r"[^\W\d_]{3,}", word, thing)
    return re.sub(r"\d", lambda m: str((int(m.group()) + dice.randrange(1, 9)) % 10), other)


def difference_of_cases(cases: Sequence[FactCase]) -> Difference | None:
    """Return the shares of answers in which something is marked; ``None`` without any answer.

    Of your own questions only those with an expected answer count: elsewhere whatever is named is
    marked, right or wrong, and only you can tell.
    """
    cases = [case for case in cases if case.kind != "own" or case.reference]
    if not cases:
        return None
    pairs = [(bool(case.base.marks), bool(case.tuned.marks)) for case in cases]
    gained = sum(new and not old for old, new in pairs)
    lost = sum(old and not new for old, new in pairs)
    interval = of_shares(gained, lost, len(pairs), compared=2)
    return Difference(
        measure=INVENTED,
        count=len(pairs),
        before=sum(old for old, _ in pairs) / len(pairs),
        after=sum(new for _, new in pairs) / len(pairs),
        low=interval.low,
        high=interval.high,
        word=interval.word(_MARGIN, lower_is_better=True, enough=len(pairs) >= FEWEST),
    )
