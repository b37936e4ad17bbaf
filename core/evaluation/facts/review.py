"""Your word on what was marked: each answer in turn, without knowing which model wrote it.

The most doubtful answers come first, base and fine-tune mixed. What was not looked at yet can be
either, so the interval of a rate reaches from all of it being sound to all of it being invented;
answers in which nothing is marked count as sound. You can stop as soon as that is narrow enough.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.evaluation.facts.cases import FactAnswer, FactCase
from core.evaluation.intervals import wilson_interval
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.storage.ordinary import is_ordinary_file

Said = Literal["invented", "sound"]
Model = Literal["base", "tuned"]
REVIEW_FILE = "inventions.json"
NARROW = 0.15  # an interval of this width is narrow enough to stop
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Item:
    """An answer to look at; who wrote it is in ``key`` alone, which is not shown."""

    key: str
    question: str
    reference: str
    answer: FactAnswer
    known: bool = True  # something is expected, or may be right though nothing is


@dataclass(frozen=True, slots=True)
class Rate:
    """In how many of its answers a model invented something.

    Attributes:
        answers: how many it gave.
        confirmed: in how many you found something invented.
        open: how many you have not looked at, though something is marked.
        low, high: 95 % interval of the share.
    """

    answers: int
    confirmed: int
    open: int
    low: float
    high: float

    @property
    def is_narrow(self) -> bool:
        """Whether looking further would say little more."""
        return self.high - self.low <= NARROW or not self.open


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    answers: str
    said: dict[str, Said] = Field(default_factory=dict, max_length=_MOST)


class FactReview:
    """The list of one run; what is said is stored at once and found again.

    Raises:
        UserFacingError: what was stored cannot be read (not where it is damaged: then it begins
            again).
    """

    def __init__(self, run: RunFolder, cases: Sequence[FactCase]) -> None:
        self._file = run.root / REVIEW_FILE
        self._cases = list(cases)
        self._hash = _hash(cases)
        self._said = self._read()
        self._items = _ordered(cases)

    def _read(self) -> dict[str, Said]:
        if not is_ordinary_file(self._file):
            return {}
        try:
            stored = _Stored.model_validate(read_json(self._file))
        except ValidationError:
            return {}
        return dict(stored.said) if stored.answers == self._hash else {}

    @property
    def count(self) -> int:
        """How many answers there are to look at."""
        return len(self._items)

    @property
    def looked_at(self) -> int:
        """How many you have judged."""
        return sum(item.key in self._said for item in self._items)

    def next_item(self) -> Item | None:
        """Return the most doubtful answer that was not judged yet; ``None`` at the end."""
        return next((item for item in self._items if item.key not in self._said), None)

    def say(self, item: Item, said: Said) -> None:
        """Store your word.

        Raises:
            UserFacingError: the disk refuses.
        """
        self._said.pop(item.key, None)
        self._said[item.key] = said
        self._write()

    def undo(self) -> Item | None:
        """Take the newest word back and return its answer.

        Raises:
            UserFacingError: the disk refuses.
        """
        if not self._said:
            return None
        key, _said = self._said.popitem()
        self._write()
        return next((item for item in self._items if item.key == key), None)

    def _write(self) -> None:
        write_json(self._file, {"answers": self._hash, "said": self._said})

    def rate(self, model: Model) -> Rate:
        """Return what is known about a model so far."""
        mine = [item for item in self._items if _model(item.key) == model]
        confirmed = sum(self._said.get(item.key) == "invented" for item in mine)
        left = sum(item.key not in self._said for item in mine)
        answers = len(self._cases)
        low, _high = wilson_interval(confirmed, answers)
        _low, high = wilson_interval(confirmed + left, answers)
        return Rate(answers, confirmed, left, low, high)

    @property
    def is_narrow(self) -> bool:
        """Whether the rates of both models are narrow enough to stop."""
        return self.rate("base").is_narrow and self.rate("tuned").is_narrow


def _hash(cases: Sequence[FactCase]) -> str:
    text = json.dumps([case.model_dump() for case in cases], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _ordered(cases: Sequence[FactCase]) -> list[Item]:
    """The most doubtful first; among equals, by a hash: neither model comes first."""
    found = []
    for place, case in enumerate(cases):
        for model, answer in (("base", case.base), ("tuned", case.tuned)):
            if answer.marks:
                known = case.kind != "unknowable"
                key = f"{place}.{model}"
                found.append(Item(key, case.question, case.reference, answer, known))
    return sorted(found, key=lambda item: (-round(item.answer.doubt, 1), _shuffled(item)))


def _shuffled(item: Item) -> str:
    return hashlib.sha256(f"{item.question} {item.answer.text} {item.key}".encode()).hexdigest()


def _model(key: str) -> str:
    return key.partition(".")[2]
