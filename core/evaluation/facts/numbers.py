"""Numbers and dates in a text, whatever way they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.evaluation.facts.words import (
    HANZI_NUMBER,
    MONTHS,
    NUMBER_WORDS,
    folded,
    hanzi_value,
)

Day = tuple[int | None, int | None, int | None]
"""Year, month and day; what is not said is ``None``."""

_NUMBER = re.compile(
    r"(?<![A-Za-zÀ-ɏ0-9_.,])[-−]?\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)*"
)
_SPACES = re.compile(r"['’\u00a0\u202f ]")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_SHORT = re.compile(r"(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_EAST = re.compile(r"(?:(\d{4})\s?年)?\s?(\d{1,2})\s?月(?:\s?(\d{1,2})\s?日)?|(\d{4})\s?年")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?:(\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª)?\s+(?:de\s+|of\s+)?)?\b({_MONTH})\b\.?,?"
    r"(?:\s+(?:de\s+|del\s+)?(\d{4}))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(\d{{4}}))?", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LIST_SIGN = re.compile(r"^\s*(?:[-*•]\s*)?\d{1,2}[.)]\s", re.MULTILINE)
_NUMBER_WORD_PARTS = {folded(word): value for word, value in NUMBER_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of a text; ``values`` are all that it can mean."""

    start: int
    end: int
    values: frozenset[float]


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A date; ``days`` are all that it can mean."""

    start: int
    end: int
    days: frozenset[Day]


def numbers_of(text: str) -> Iterator[Found]:
    """Yield the numbers in digits, but those before the items of a list."""
    signs = {m.start() for m in _LIST_SIGN.finditer(text)}
    listed = {m.end() for m in _LIST_SIGN.finditer(text)}
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() for start in signs) and _is_listed(match.end(), listed):
            continue
        values = readings(match.group())
        if values:
            yield Found(match.start(), match.end(), values)
    for match in HANZI_NUMBER.finditer(text):
        yield Found(match.start(), match.end(), frozenset({float(hanzi_value(match.group()))}))


def _is_listed(end: int, listed: set[int]) -> bool:
    return any(end < place <= end + 3 for place in listed)


def readings(text: str) -> frozenset[float]:
    """Return what digits with points and commas can mean: 1.234 is a thousand or a bit over one."""
    plain = _SPACES.sub("", text).replace("−", "-")
    found = set()
    for thousands, decimal in ((",", "."), (".", ",")):
        candidate = plain.replace(thousands, "").replace(decimal, ".")
        if candidate.count(".") <= 1 and _groups_of_three(plain, thousands, decimal):
            found.add(abs(float(candidate)))
    return frozenset(found)


def _groups_of_three(text: str, thousands: str, decimal: str) -> bool:
    whole = text.partition(decimal)[0].split(thousands)
    return (
        all(len(group) == 3 for group in whole[1:]) and thousands not in text.partition(decimal)[2]
    )


def spelled_of(text: str) -> Iterator[Found]:
    """Yield the numbers in words: “twenty-one”, “einundzwanzig”, “vingt et un”."""
    held: list[tuple[int, int, int]] = []
    for match in _WORD.finditer(text):
        value = _spelled(match.group())
        if value is None:
            joins = held and match.group().lower() in ("and", "et", "y", "e")
            if not joins:
                yield from _joined(held)
                held = []
            continue
        held.append((match.start(), match.end(), value))
    yield from _joined(held)


def _joined(held: list[tuple[int, int, int]]) -> Iterator[Found]:
    if held:
        total = _value([value for _start, _end, value in held])
        yield Found(held[0][0], held[-1][1], frozenset({float(total)}))


def _value(values: list[int]) -> int:
    total = part = 0
    for value in values:
        if value == 100:
            part = max(part, 1) * 100
        elif value >= 1000:
            total += max(part, 1) * value
            part = 0
        else:
            part += value
    return total + part


def _spelled(word: str) -> int | None:
    small = folded(word)
    if small in _NUMBER_WORD_PARTS:
        return _NUMBER_WORD_PARTS[small]
    parts = small.split("-")
    if len(parts) > 1 and all(part in _NUMBER_WORD_PARTS or part == "et" for part in parts):
        return _value([_NUMBER_WORD_PARTS[part] for part in parts if part != "et"])
    one, und, ten = small.partition("und")
    if und and one in _NUMBER_WORD_PARTS and ten in _NUMBER_WORD_PARTS:
        return _NUMBER_WORD_PARTS[one] + _NUMBER_WORD_PARTS[ten]
    return None


def days_of(text: str) -> list[FoundDay]:
    """Return the dates, the longest reading of each place; a month alone is none."""
    found = [
        FoundDay(match.start(), match.end(), frozenset({_numbers(*match.groups())}))
        for match in _ISO.finditer(text)
    ]
    found += [one for match in _SHORT.finditer(text) if (one := _short(match)).days]
    for match in _EAST.finditer(text):
        year, month, day, only = match.groups()
        found.append(_found(match, _numbers(year or only, month, day)))
    for match in _MONTH_FIRST.finditer(text):
        month, day, year = match.groups()
        found.append(_found(match, (_whole(year), MONTHS[month.lower()], int(day))))
    for match in _DAY_FIRST.finditer(text):
        day, month, year = match.groups()
        if day or year:
            found.append(_found(match, (_whole(year), MONTHS[month.lower()], _whole(day))))
    kept: list[FoundDay] = []
    for one in sorted(found, key=lambda day: day.start - day.end):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda day: day.start)


def _found(match: re.Match[str], day: Day) -> FoundDay:
    return FoundDay(match.start(), match.end(), frozenset({day}))


def _short(match: re.Match[str]) -> FoundDay:
    one, _sign, two, year = match.groups()
    whole = int(year) if len(year) == 4 else 2000 + int(year)
    pairs = {(int(one), int(two)), (int(two), int(one))}
    days: frozenset[Day] = frozenset((whole, m, d) for d, m in pairs if m <= 12 and d <= 31)
    return FoundDay(match.start(), match.end(), days)


def _numbers(year: str | None, month: str | None, day: str | None) -> Day:
    return _whole(year), _whole(month), _whole(day)


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


def says_no_more(day: Day, known: Day) -> bool:
    """Return whether all that ``day`` says is said by ``known``."""
    return all(part is None or part == other for part, other in zip(day, known, strict=True))
