"""Tables: what their first row says; each row as ``{column: value}``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.data.readers.encoding import KEPT_BYTES
from core.data.readers.formats.records import Record
from core.data.readers.shapes import guess_shape
from core.language import ngettext

_HEADER_CELL_LIMIT = 64
_HEADER_WORDS = 3
_SURE = 0.9


def tidy(row: Iterable[Any]) -> list[str]:
    """Return the cells as possible column names."""
    return [str(cell).strip().lstrip("\ufeff") for cell in row]


def header_of(first_row: list[Any]) -> tuple[list[str], bool]:
    """Return the column names, and whether the first row holds them (else *column 1*, …).

    Beside the names of a known shape, unnamed columns (a data frame's row numbers) may stand.
    """
    numbered = [f"column {n}" for n in range(1, len(first_row) + 1)]  # not shown: a name
    names = tidy(first_row)
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        return numbered, False
    if not names_a_shape(named) and (len(named) < len(names) or not all(map(_is_like_name, names))):
        return numbered, False
    return [name or number for name, number in zip(names, numbered, strict=True)], True


def names_a_shape(names: Iterable[str]) -> bool:
    """Return whether these column names alone say which is the question and which the answer."""
    return guess_shape([dict.fromkeys(names, "x")]).confidence >= _SURE


def _is_like_name(cell: str) -> bool:
    return (
        len(cell) <= _HEADER_CELL_LIMIT
        and not cell.endswith(("?", ".", "!"))
        and not cell.replace(".", "").isdigit()
        and len(cell.split()) <= _HEADER_WORDS
    )


def table_record(line: int, header: list[str], row: list[Any]) -> Record:
    """Return a row of a table; cells beyond the header are a fault, missing ones are empty."""
    if len(row) > len(header) and any(str(cell).strip() for cell in row[len(header) :]):
        raw = ",".join(map(str, row))[:2000]
        reason = ngettext(
            "the row has {count:,} column, but the table has {expected:,}",
            "the row has {count:,} columns, but the table has {expected:,}",
            len(row),
            expected=len(header),
        )
        return Record(line, fault=reason, raw=raw)
    value = dict(zip(header, row, strict=False))
    for name in header[len(row) :]:
        value[name] = ""
    return Record(line, value, broken=any(KEPT_BYTES.search(c) for c in row if isinstance(c, str)))
