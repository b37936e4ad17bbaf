"""What is done about findings: your choices, the plan that follows, and the repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.data.example import Example, Message
from core.data.findings import broken_text, markup, personal, secrets, structure, whitespace
from core.data.findings.frames import Frame, without_frames
from core.data.findings.kinds import BIT, HARMFUL, INFO, Action, Kind

BY_PERSON = 255
"""Reason code of rows that a person left out; other codes are a kind's place plus one."""

KEPT = 0
"""Reason code of rows that are kept."""

_PLACE = {kind: place for place, kind in enumerate(Kind, start=1)}
_REPAIRS_THAT_MAY_FAIL = (Kind.BROKEN_TEXT, Kind.ROLE_ORDER)
_GROUPED = (Kind.EXACT_DUPLICATE, Kind.NEAR_DUPLICATE, Kind.CONFLICT)


class RowAction(StrEnum):
    """What a person decided about one row."""

    KEEP = "keep"
    DROP = "drop"
    EDIT = "edit"


class RowChoice(BaseModel):
    """A person's decision about one row, which beats every rule.

    ``keep`` leaves the row exactly as it came; ``edit`` replaces the texts of its turns.
    """

    model_config = ConfigDict(frozen=True)

    action: RowAction = RowAction.KEEP
    texts: tuple[str, ...] = ()


class ReviewDecision(StrEnum):
    """What a person said about a row in the guided review; ``flag`` changes nothing."""

    KEEP = "keep"
    EDIT = "edit"
    DROP = "drop"
    FLAG = "flag"


class Choices(BaseModel):
    """Everything that was decided about a draft; undo is going back to the previous value.

    Attributes:
        actions: kinds whose action differs from the default.
        rows: decisions about single rows, by row number (from 0).
        reviewed: verdicts of the guided review, by row number.
    """

    model_config = ConfigDict(frozen=True)

    actions: dict[Kind, Action] = Field(default_factory=dict)
    rows: dict[int, RowChoice] = Field(default_factory=dict)
    reviewed: dict[int, ReviewDecision] = Field(default_factory=dict)

    def action(self, kind: Kind) -> Action:
        """Return what is done about ``kind``."""
        default = INFO[kind].default
        return self.actions.get(kind, default) if INFO[kind].is_optional else default

    def is_open(self, kind: Kind) -> bool:
        """Return whether ``kind`` can do harm and nobody has decided about it yet."""
        return kind in HARMFUL and kind not in self.actions

    def with_action(self, kind: Kind, action: Action) -> Choices:
        """Return the choices with another action for ``kind``; unusable rows stay out."""
        if not INFO[kind].is_optional:
            return self
        return self.model_copy(update={"actions": {**self.actions, kind: action}})

    def with_row(self, row: int, choice: RowChoice | None) -> Choices:
        """Return the choices with another decision about ``row`` (``None`` takes it back)."""
        rows = {number: known for number, known in self.rows.items() if number != row}
        return self.model_copy(update={"rows": rows if choice is None else {**rows, row: choice}})

    def without_rows(self, rows: Iterable[int]) -> Choices:
        """Return the choices with these rows left out."""
        left_out = RowChoice(action=RowAction.DROP)
        chosen = {**self.rows, **dict.fromkeys(rows, left_out)}
        return self.model_copy(update={"rows": chosen})

    def with_verdict(
        self, row: int, verdict: ReviewDecision, texts: tuple[str, ...] = ()
    ) -> Choices:
        """Return the choices after a row was reviewed; ``texts`` are those of an edited row."""
        reviewed = {**self.reviewed, row: verdict}
        choices = self.model_copy(update={"reviewed": reviewed})
        if verdict is ReviewDecision.DROP:
            return choices.with_row(row, RowChoice(action=RowAction.DROP))
        if verdict is ReviewDecision.EDIT:
            return choices.with_row(row, RowChoice(action=RowAction.EDIT, texts=texts))
        return choices.with_row(row, None)

    @property
    def fixed(self) -> int:
        """Bits of the kinds that are repaired."""
        chosen = (k for k in Kind if self.action(k) is Action.FIX and INFO[k].fix is Action.FIX)
        return sum(BIT[kind] for kind in chosen)

    def is_dropped(self, kind: Kind) -> bool:
        """Return whether rows of this kind are left out."""
        action = self.action(kind)
        return action is Action.DROP or (action is Action.FIX and INFO[kind].fix is Action.DROP)


@dataclass(frozen=True, slots=True)
class Groups:
    """Labels of groups (each row's label is its group's first row).

    ``exact``: copies. ``near``: near copies and copies. ``question``: rows with the same question
    and different answers.
    """

    exact: NDArray[np.int64]
    near: NDArray[np.int64]
    question: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CleaningPlan:
    """What becomes of every row.

    Attributes:
        reason: ``KEPT``, ``BY_PERSON`` or the place of the kind that drops the row, plus one.
        repairs: bits of the kinds to repair in the row.
    """

    reason: NDArray[np.uint8]
    repairs: NDArray[np.uint32]

    @property
    def kept(self) -> NDArray[np.int64]:
        """The numbers of the rows that stay."""
        return np.flatnonzero(self.reason == KEPT)

    @property
    def kept_count(self) -> int:
        """How many rows stay."""
        return int((self.reason == KEPT).sum())

    def dropped_by(self) -> dict[str, int]:
        """Return how many rows each kind (or ``"person"``) drops."""
        counts = np.bincount(self.reason, minlength=256)
        named = {kind.value: int(counts[place]) for kind, place in _PLACE.items()}
        named["person"] = int(counts[BY_PERSON])
        return {name: count for name, count in named.items() if count}


def reason_name(code: int) -> str:
    """Return the kind's name for a reason code, ``"person"`` or ``""`` (kept)."""
    if code == BY_PERSON:
        return "person"
    return "" if code == KEPT else tuple(Kind)[code - 1].value


def make_plan(facts: NDArray[np.void], groups: Groups, choices: Choices) -> CleaningPlan:
    """Return what ``choices`` mean for every row."""
    kinds = facts["kinds"]
    reason = np.zeros(len(facts), dtype=np.uint8)
    for kind in reversed(Kind):
        if kind not in _GROUPED and choices.is_dropped(kind):
            reason[(kinds & BIT[kind]) != 0] = _PLACE[kind]
    for kind in _REPAIRS_THAT_MAY_FAIL:
        if choices.fixed & BIT[kind]:
            reason[(facts["hopeless"] & BIT[kind]) != 0] = _PLACE[kind]
    _apply_rows(reason, choices.rows)
    kept_by_hand = [n for n, c in choices.rows.items() if c.action is not RowAction.DROP]
    for kind, labels in zip(_GROUPED, (groups.exact, groups.near, groups.question), strict=True):
        if choices.is_dropped(kind):
            surplus = _surplus(reason, labels, (kinds & BIT[kind]) != 0)
            surplus[kept_by_hand] = False
            reason[surplus] = _PLACE[kind]
    repairs = (kinds & np.uint32(choices.fixed)).astype(np.uint32)
    repairs[list(choices.rows)] = 0
    return CleaningPlan(reason, repairs)


def _apply_rows(reason: NDArray[np.uint8], rows: Mapping[int, RowChoice]) -> None:
    for number, choice in rows.items():
        unusable = reason[number] == _PLACE[Kind.MALFORMED_ROW]
        if choice.action is RowAction.DROP:
            reason[number] = BY_PERSON
        elif not unusable:
            reason[number] = KEPT


def _surplus(
    reason: NDArray[np.uint8], labels: NDArray[np.int64], flagged: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Kept rows of a group after the first that is kept (or that a person took out)."""
    present = np.flatnonzero((reason == KEPT) | (reason == BY_PERSON))
    first = np.full(len(reason), len(reason), dtype=np.int64)
    known = labels[present] >= 0
    np.minimum.at(first, labels[present][known], present[known])
    mine = np.where(labels >= 0, first[np.maximum(labels, 0)], len(reason))
    later = np.arange(len(reason)) > mine
    in_flagged_group = np.zeros(len(reason), dtype=bool)
    in_flagged_group[np.unique(labels[flagged & (labels >= 0)])] = True
    grouped = (labels >= 0) & in_flagged_group[np.maximum(labels, 0)]
    surplus: NDArray[np.bool_] = later & grouped & (reason == KEPT)
    return surplus


def repaired(
    example: Example,
    repairs: int,
    choice: RowChoice | None = None,
    frames: tuple[Frame, ...] = (),
) -> Example:
    """Return ``example`` with the repairs whose bits are set, or as a person edited it.

    Args:
        frames: the draft's greetings and signatures.
    """
    if choice is not None and choice.action is RowAction.EDIT:
        return _edited(example, choice.texts)
    messages = example.messages
    if repairs & BIT[Kind.BROKEN_TEXT]:
        messages = _mapped(messages, broken_text.repair_text)
    else:
        messages = _mapped(messages, broken_text.visible)
    if repairs & BIT[Kind.FRAME]:
        messages = _without_frames(messages, frames)
    if repairs & BIT[Kind.ROLE_ORDER]:
        messages = structure.in_order(messages)
    if repairs & BIT[Kind.MIXED_FORMAT]:
        messages = _plain_answer(messages)
    if repairs & BIT[Kind.HTML]:
        messages = _without_markup(messages)
    if repairs & (BIT[Kind.WHITESPACE] | BIT[Kind.HTML]):
        messages = _mapped(messages, whitespace.tidy)
    if repairs & BIT[Kind.SECRET]:
        messages = _mapped(messages, secrets.hide_secrets)
    if repairs & BIT[Kind.PERSONAL_DATA]:
        messages = _mapped(messages, personal.hide_personal_data)
    return example if messages is example.messages else replace(example, messages=messages)


def _mapped(messages: tuple[Message, ...], change: Callable[[str], str]) -> tuple[Message, ...]:
    changed = tuple(_changed(message, change) for message in messages)
    return messages if changed == messages else changed


def _without_frames(
    messages: tuple[Message, ...], frames: tuple[Frame, ...]
) -> tuple[Message, ...]:
    cut = partial(without_frames, frames=frames)
    changed = tuple(_changed(m, cut) if m.role == "assistant" else m for m in messages)
    return messages if changed == messages else changed


def _changed(message: Message, change: Callable[[str], str]) -> Message:
    text = change(message.content)
    reasoning = change(message.reasoning) if message.reasoning else ""
    if text == message.content and reasoning == message.reasoning:
        return message
    return replace(message, content=text, reasoning=reasoning)


def _edited(example: Example, texts: tuple[str, ...]) -> Example:
    pairs = zip(example.messages, texts, strict=False)
    return replace(example, messages=tuple(replace(m, content=text) for m, text in pairs))


def _plain_answer(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    text = structure.unwrapped_answer(messages[-1].content) if messages else None
    return messages if text is None else (*messages[:-1], replace(messages[-1], content=text))


def _without_markup(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    question = "\n".join(m.content for m in messages[:-1])

    def change(text: str) -> str:
        return markup.strip_markup(text) if markup.has_stray_markup(text, question) else text

    return _mapped(messages, change)
