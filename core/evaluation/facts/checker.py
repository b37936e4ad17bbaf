"""Marks what an answer names that stands neither in the question nor in the expected answer.

Names, numbers, dates, identifiers and quotes are compared in the forms that languages give them: a
number with commas, points or in words; a date in any order; a name in its genitive or plural. What
is marked is doubtful, not wrong: a model may know more than the question says. You decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.evaluation.facts.names import Name, bare, names_of
from core.evaluation.facts.numbers import (
    Day,
    days_of,
    numbers_of,
    says_no_more,
    spelled_of,
)
from core.evaluation.facts.words import folded, is_german

MarkKind = Literal["name", "number", "date", "identifier", "quote"]

_WEIGHTS: dict[MarkKind, float] = {
    "date": 0.9,
    "identifier": 0.8,
    "number": 0.8,
    "name": 0.7,
    "quote": 0.6,
}
_SMALLEST_SPELLED = 13  # “one of them” and “twelve” are mostly no facts
_QUOTE = re.compile(
    r"“([^“”\n]+)”|„([^„“\n]+)“|«\s?([^«»\n]+?)\s?»|\"([^\"\n]+)\"|「([^「」\n]+)」"
)
_WORDS = re.compile(r"[^\W_]+")
_IDENTIFIER = re.compile(
    r"`([^`\n]+)`"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|https?://[^\s)>\]]+"
    r"|(?<!\w)[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+(?:\(\))?"
    r"|(?<!\w)[A-Za-z]+_[\w]+|(?<!\w)_\w+"
    r"|(?<!\w)[a-z]+[A-Z]\w*"
    r"|(?<!\w)(?=[A-Za-z\d-]*\d)(?=[A-Za-z\d-]*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*(?!\w)",
    re.ASCII,
)
_WIDE = str.maketrans("０１２３４５６７８９，．", "0123456789,.")
_EASTERN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|er|e|s|º|ª|[a-zµ]{1,3}|[KMG]B|k?[WV]h?)$", re.IGNORECASE)
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


class Mark(BaseModel):
    """A piece of an answer that nothing vouches for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True)
class Known:
    """What question, earlier turns and expected answer say.

    Attributes:
        texts: all of them.
        usual: words that are common in the examples, in small letters: no names.
    """

    texts: Sequence[str]
    usual: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.texts)

    @cached_property
    def flat(self) -> str:
        """Its words alone, in small letters."""
        return f" {' '.join(_WORDS.findall(folded(self.text)))} "

    @cached_property
    def packed(self) -> str:
        """Its letters and digits alone: for scripts without spaces."""
        return self.flat.replace(" ", "")

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, and the pieces of its identifiers."""
        whole = {bare(word) for word in re.findall(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*", self.text)}
        return frozenset(whole | {folded(piece) for piece in _PIECES.findall(self.text)})

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first four letters of its words, to look quickly for inflected forms."""
        return frozenset(word[:4] for word in self.words if len(word) >= 4)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """All values that its numbers can mean."""
        found = [*numbers_of(self.text), *spelled_of(self.text)]
        parts = [float(part) for part in re.findall(r"\d+", self.text) if len(part) < 300]
        return frozenset({value for one in found for value in one.values}.union(parts))

    @cached_property
    def days(self) -> frozenset[Day]:
        """All dates that it can mean."""
        return frozenset(day for found in days_of(self.text) for day in found.days)

    def has_word(self, word: str) -> bool:
        """Return whether a word stands there, perhaps in another form."""
        small = bare(word)
        if small in self.words or small in self.usual:
            return True
        if len(small) < 4:
            return any(small + end in self.words for end in ("s", "es", "n")) or (
                small[:-1] in self.words and small[-1:] in "sn"
            )
        if small[:4] not in self.beginnings:
            return False
        return any(_same_stem(small, word) for word in self.words if word[:4] == small[:4])


def _same_stem(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 3:
        return False
    return long.startswith(short) or (len(short) > 5 and long.startswith(short[:-2]))


def marked(
    answer: str, known: Iterable[str], usual: frozenset[str] = frozenset()
) -> tuple[Mark, ...]:
    """Return what is to be looked at in ``answer``, in order and without overlaps.

    Args:
        known: the question with its system prompt and earlier turns, and the expected answer.
        usual: words that are common in the examples, in small letters: no names.
    """
    said = Known(tuple(text.translate(_WIDE) for text in known), usual)
    answer = answer.translate(_WIDE)
    found: list[Mark] = []
    for marks in (
        _dates(answer, said),
        _identifiers(answer, said),
        _quotes(answer, said),
        _numbers(answer, said),
        _names(answer, said),
    ):
        found += [mark for mark in marks if not any(_overlap(mark, other) for other in found)]
    return tuple(sorted(found, key=lambda mark: mark.start))


def doubt(marks: Sequence[Mark]) -> float:
    """Return how doubtful an answer with these marks is, from 0 to 1."""
    sound = 1.0
    for mark in marks:
        sound *= 1 - _WEIGHTS[mark.kind]
    return 1 - sound


def _overlap(one: Mark, other: Mark) -> bool:
    return one.start < other.end and other.start < one.end


def _dates(answer: str, said: Known) -> list[Mark]:
    found = []
    for one in days_of(answer):
        vouched = any(says_no_more(day, known) for day in one.days for known in said.days)
        years = [day[0] for day in one.days if day[1] is None and day[2] is None]
        vouched = vouched or any(year in said.numbers for year in years if year is not None)
        if not vouched:
            found.append(Mark(start=one.start, end=one.end, kind="date"))
    return found


def _numbers(answer: str, said: Known) -> list[Mark]:
    days = [(day.start, day.end) for day in days_of(answer)]
    digits = [n for n in numbers_of(answer) if not n.values & said.numbers]
    words = [
        n
        for n in spelled_of(answer)
        if min(n.values) >= _SMALLEST_SPELLED and not n.values & said.numbers
    ]
    return [
        Mark(start=one.start, end=one.end, kind="number")
        for one in (*digits, *words)
        if not any(start <= one.start < end for start, end in days) and not _is_tiny(answer, one)
    ]


def _is_tiny(answer: str, one: object) -> bool:
    """A single sign like 一 is mostly part of a word."""
    start, end = one.start, one.end  # type: ignore[attr-defined]
    text = answer[start:end]
    return len(text) == 1 and not text.isascii() and not text.isdecimal()


def _identifiers(answer: str, said: Known) -> list[Mark]:
    found = []
    for match in _IDENTIFIER.finditer(answer):
        text = match.group(1) or match.group()
        if _ORDINAL.fullmatch(text) or _vouched_identifier(text, said):
            continue
        start = match.start(1) if match.group(1) else match.start()
        found.append(Mark(start=start, end=start + len(text), kind="identifier"))
    return found


def _vouched_identifier(text: str, said: Known) -> bool:
    flat = " ".join(_WORDS.findall(folded(text)))
    if not flat or f" {flat} " in said.flat or text.casefold() in said.text.casefold():
        return True
    pieces = _PIECES.findall(text)
    return bool(pieces) and all(
        (float(piece) in said.numbers) if piece.isdigit() else said.has_word(piece)
        for piece in pieces
    )


def _quotes(answer: str, said: Known) -> list[Mark]:
    found = []
    for match in _QUOTE.finditer(answer):
        place = next(n for n, text in enumerate(match.groups(), 1) if text is not None)
        text = match.group(place)
        words = _WORDS.findall(folded(text))
        eastern = bool(_EASTERN.search(text))
        if (len(words) < 2 and not eastern) or (eastern and len(text) < 4):
            continue
        if f" {' '.join(words)} " not in said.flat and "".join(words) not in said.packed:
            found.append(Mark(start=match.start(place), end=match.end(place), kind="quote"))
    return found


def _names(answer: str, said: Known) -> list[Mark]:
    found = []
    german = is_german(answer) or is_german(f"{answer}\n{said.text}")
    for name in names_of(answer, german=german):
        unknown = [word for word in name.words if word.text[0].isupper() and not _known(word, said)]
        eastern = [
            word for word in name.words if not word.text[0].isupper() and len(name.words) == 1
        ]
        unknown += [word for word in eastern if folded(word.text) not in said.packed]
        beside_a_noun = german and not name.titled and len(unknown) == 1 < len(name.words)
        if unknown and not beside_a_noun:
            found.append(Mark(start=unknown[0].start, end=unknown[-1].end, kind="name"))
    return found


def _known(word: object, said: Known) -> bool:
    text: str = word.text  # type: ignore[attr-defined]
    if f" {' '.join(_WORDS.findall(folded(text)))} " in said.flat:
        return True
    return all(said.has_word(part) for part in re.split(r"[-–.]", text) if part)


__all__ = ["Mark", "MarkKind", "Name", "doubt", "marked"]
