"""What was decided about a draft, carried over to another reading of the same files.

A draft numbers its rows from 0 over all files, so that another file, another encoding or other
columns give the same row another number, and sometimes other words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.data.cleaning import Choices
from core.data.draft import Draft, DraftSummary, ScanOptions, SourceSummary

_MOST_SEARCHED = 200_000  # rows that are looked through one by one for a file and line
_Decision = TypeVar("_Decision")


class RowOrigin(BaseModel):
    """What a row is found by in another draft.

    Attributes:
        key: hash of what is said in it, as hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    line: int
    key: str


class Decided(BaseModel):
    """What was decided about a draft, and where the rows came from that it is about."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[SourceSummary, ...]
    options: ScanOptions
    choices: Choices
    rows: dict[int, RowOrigin] = {}


def decided(draft: Draft, choices: Choices) -> Decided:
    """Return what is needed to carry ``choices`` over to another reading."""
    rows = sorted({*choices.rows, *choices.reviewed})
    origins = {}
    for row in rows:
        source = draft.row(row).source
        key = f"{int(draft.facts['key'][row]):016x}"
        origins[row] = RowOrigin(file=source.file, line=source.line, key=key)
    summary = draft.summary
    return Decided(sources=summary.sources, options=summary.options, choices=choices, rows=origins)


def carried_over(known: Decided, draft: Draft) -> Choices | None:
    """Return what ``known`` means in ``draft``; ``None`` if they have no file in common."""
    if begins_as(draft.summary, known):
        return known.choices
    if not {one.path for one in known.sources} & {one.path for one in draft.summary.sources}:
        return None
    numbers = _numbers(known, draft)
    choices = known.choices
    return choices.model_copy(
        update={
            "rows": _renumbered(choices.rows, numbers),
            "reviewed": _renumbered(choices.reviewed, numbers),
        }
    )


def begins_as(draft: DraftSummary, known: Decided) -> bool:
    """Return whether the rows of ``known`` come first in ``draft``, with the same numbers."""
    count = len(known.sources)
    return draft.sources[:count] == known.sources and draft.options == known.options


def _renumbered(of: Mapping[int, _Decision], numbers: Mapping[int, int]) -> dict[int, _Decision]:
    return {numbers[row]: said for row, said in of.items() if row in numbers}


def _numbers(known: Decided, draft: Draft) -> dict[int, int]:
    """Return the new number of each row that is found: by its words, else by its place."""
    found = _by_words(known.rows, draft)
    unchanged = {(one.label, one.sha256) for one in known.sources}
    labels = {one.label for one in draft.summary.sources if (one.label, one.sha256) in unchanged}
    lost = {
        row: origin
        for row, origin in known.rows.items()
        if row not in found and origin.file in labels
    }
    if lost and len(draft) <= _MOST_SEARCHED:
        found |= _by_place(lost, draft)
    return found


def _by_words(origins: Mapping[int, RowOrigin], draft: Draft) -> dict[int, int]:
    keys = {int(origin.key, 16) for origin in origins.values()} - {0}
    wanted = np.array(sorted(keys), dtype=np.uint64)
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(draft.facts["key"], wanted)):
        rows_of[f"{int(draft.facts['key'][row]):016x}"].append(int(row))
    return {
        row: _same_place(origin, rows_of[origin.key], draft)
        for row, origin in origins.items()
        if origin.key in rows_of
    }


def _same_place(origin: RowOrigin, rows: Iterable[int], draft: Draft) -> int:
    """Return which of the equal rows is meant."""

    def distance(row: int) -> tuple[bool, int]:
        source = draft.row(row).source
        return source.file != origin.file, abs(source.line - origin.line)

    return min(rows, key=distance)


def _by_place(origins: Mapping[int, RowOrigin], draft: Draft) -> dict[int, int]:
    """Find rows whose words are read in another way; not where several share a line."""
    rows_at: dict[tuple[str, int], list[int]] = defaultdict(list)
    wanted = {(origin.file, origin.line) for origin in origins.values()}
    for row in range(len(draft)):
        source = draft.row(row).source
        if (source.file, source.line) in wanted:
            rows_at[source.file, source.line].append(row)
    at = {row: rows_at[origin.file, origin.line] for row, origin in origins.items()}
    return {row: rows[0] for row, rows in at.items() if len(rows) == 1}
