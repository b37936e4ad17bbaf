"""All judgements of a project, merged: each once, none that contradict each other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.data.findings.near.texts import near_groups
from core.errors import UserFacingError
from core.language import Sentence, _, ngettext
from core.preferences.sources import Found, Place, Reason, all_found
from core.project import Project
from core.training.preferences.judgement import MOST, Judgement, Turn

LEAST = 20
"""Fewer judgements are too few to learn from."""
LEAST_OF_A_KIND = 5
"""Where there are no pairs, so many good and so many bad marks are needed."""
_HELD_OUT = 0.15  # of the questions
_LEAST_HELD_OUT = 3

Left = Reason | Literal["duplicate", "contradiction"]
_Turns = tuple[Turn, ...]
_Key = tuple[tuple[tuple[str, str], ...], str, str, str]


@dataclass(frozen=True)
class Collected:
    """What can be learned, and how much cannot.

    Attributes:
        judgements: some of them are held out.
        places: how many come from each place.
        left_out: how many were left out, by reason.
    """

    judgements: tuple[Judgement, ...] = ()
    places: Counter[Place] = field(default_factory=Counter)
    left_out: Counter[Left] = field(default_factory=Counter)

    @property
    def kinds(self) -> Counter[str]:
        """How many pairs, good and bad marks there are."""
        return Counter(one.kind for one in self.judgements)

    def refusal(self) -> UserFacingError | None:
        """Return why nothing can be learned from this; ``None`` where something can."""
        todo = _("Rate more answers on the Comparison page, in the chat or in daily use.")
        count, kinds = len(self.judgements), self.kinds
        if count < LEAST:
            what = ngettext(
                "There is {count:,} rating to learn from. At least {least} are needed.",
                "There are {count:,} ratings to learn from. At least {least} are needed.",
                count,
                least=LEAST,
            )
            return UserFacingError("preferences.too_few", what, todo)
        if not kinds["pair"] and min(kinds["good"], kinds["bad"]) < LEAST_OF_A_KIND:
            what = _(
                "{good:,} answers were called good and {bad:,} bad. At least {least} of each are "
                "needed.",
                good=kinds["good"],
                bad=kinds["bad"],
                least=LEAST_OF_A_KIND,
            )
            return UserFacingError("preferences.one_sided", what, todo)
        if len({one.turns for one in self.judgements}) < 2 * _LEAST_HELD_OUT:
            what = _("The ratings are about too few different questions.")
            return UserFacingError("preferences.few_questions", what, todo)
        return None

    def lines(self) -> list[Sentence]:
        """Return the counts in words."""
        kinds = self.kinds
        said = [
            (kinds["pair"], _better(kinds["pair"])),
            (kinds["good"], _good(kinds["good"])),
            (kinds["bad"], _bad(kinds["bad"])),
        ]
        said += [(self.left_out[reason], _left(reason, self.left_out[reason])) for reason in _ORDER]
        return [sentence for count, sentence in said if count]


_ORDER: tuple[Left, ...] = ("tie", "duplicate", "contradiction", "cut", "unknown")


def _better(count: int) -> Sentence:
    return ngettext(
        "{count:,} answer preferred to another", "{count:,} answers preferred to another", count
    )


def _good(count: int) -> Sentence:
    return ngettext("{count:,} good answer", "{count:,} good answers", count)


def _bad(count: int) -> Sentence:
    return ngettext("{count:,} bad answer", "{count:,} bad answers", count)


def _left(reason: Left, count: int) -> Sentence:
    """Say how much is left out, and why."""
    if reason == "tie":
        return ngettext("Left out: {count:,} tie", "Left out: {count:,} ties", count)
    if reason == "duplicate":
        return ngettext("Left out: {count:,} given twice", "Left out: {count:,} given twice", count)
    if reason == "contradiction":
        return ngettext(
            "Left out: {count:,} that contradicts another",
            "Left out: {count:,} that contradict each other",
            count,
        )
    if reason == "cut":
        return ngettext(
            "Left out: {count:,} about an unfinished answer",
            "Left out: {count:,} about unfinished answers",
            count,
        )
    return ngettext(
        "Left out: {count:,} whose conversation was not kept",
        "Left out: {count:,} whose conversations were not kept",
        count,
    )


def collect(project: Project) -> Collected:
    """Return what was judged in a project. Seconds, so not for the window's thread.

    Raises:
        UserFacingError: a file of the project is damaged.
    """
    return merged(all_found(project))


def merged(found: Iterable[Found]) -> Collected:
    """Return judgements that do not contradict each other, each once, some of them held out."""
    places: Counter[Place] = Counter()
    left_out: Counter[Left] = Counter()
    kept: dict[_Key, tuple[Place, Judgement]] = {}
    for one in found:
        if one.judgement is None:
            left_out[one.reason or "unknown"] += 1
        elif _key(one.judgement) in kept:
            left_out["duplicate"] += 1
        else:
            kept[_key(one.judgement)] = one.place, one.judgement
    against = {key for key in kept if _opposite(key) in kept}
    left_out["contradiction"] += len(against)
    said = {side for key in kept if key not in against for side in _sides(key)}
    for key, (place, judgement) in list(kept.items()):
        if key in against:
            del kept[key]
        elif judgement.kind != "pair" and key in said:
            left_out["duplicate"] += 1
            del kept[key]
        else:
            places[place] += 1
    chosen = [judgement for _place, judgement in kept.values()][:MOST]
    return Collected(tuple(held_out(chosen)), places, left_out)


def _key(judgement: Judgement) -> _Key:
    turns = tuple((turn.role, turn.content.strip()) for turn in judgement.turns)
    other = judgement.other.text.strip() if judgement.other else ""
    return turns, judgement.kind, judgement.answer.text.strip(), other


def _opposite(key: _Key) -> _Key:
    turns, kind, answer, other = key
    if kind == "pair":
        return turns, kind, other, answer
    return turns, "bad" if kind == "good" else "good", answer, ""


def _sides(key: _Key) -> tuple[_Key, ...]:
    """The single marks that a pair says already."""
    turns, kind, answer, other = key
    return ((turns, "good", answer, ""), (turns, "bad", other, "")) if kind == "pair" else ()


def held_out(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Hold out some questions with all that was judged about them, always the same ones.

    A question and its near copies are held out together, or the best step would be chosen by what
    was learned. Many copies stay together in what is learned.
    """
    order = sorted({one.turns for one in judgements}, key=_draw)
    wanted = max(_LEAST_HELD_OUT, round(_HELD_OUT * len(order)))
    unseen: set[_Turns] = set()
    for copies in _copies(order):
        if len(unseen) < wanted and len(copies) <= wanted:
            unseen |= copies
    unseen = unseen or set(order[:wanted])
    return [one.model_copy(update={"held_out": one.turns in unseen}) for one in judgements]


def _copies(order: Sequence[_Turns]) -> list[set[_Turns]]:
    """Return the questions in groups of near copies, in the order of the first of each."""
    labels = near_groups(["\n\n".join(turn.content for turn in turns) for turns in order])
    groups: dict[int, set[_Turns]] = {}
    for turns, label in zip(order, labels, strict=True):
        groups.setdefault(label, set()).add(turns)
    return list(groups.values())


def _draw(turns: Sequence[object]) -> str:
    return hashlib.sha256(repr(turns).encode()).hexdigest()
