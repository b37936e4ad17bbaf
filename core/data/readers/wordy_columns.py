"""Columns whose names say nothing: which of them hold words, and not numbers, dates or names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.data.readers.conversations.turns import holds_conversation
from core.storage.files import JsonObject

_MOSTLY = 0.8
_LOOKED_AT = 50
_PROSE_WORDS = 3
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"""\s*(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}|{_MONTH}\.?\s+\d{{1,2}},?\s+\d{{4}}
    |\d{{1,2}}\.?\s+{_MONTH}\.?,?\s+\d{{4}}|\d{{1,2}}:\d{{2}})
    (?:[T\s,@]+\d{{1,2}}[:h]\s?\d{{2}}.{{0,20}})?\s*""",
    re.X | re.I,
)
_CODE = re.compile(r"\s*[\w.:+/=@#-]*\d[\w.:+/=@#-]*\s*")

Rows = Sequence[JsonObject]


def texts_of(name: str, rows: Rows) -> list[str]:
    """Return the texts of a column; none if many rows hold something else there."""
    values = [row.get(name) for row in rows]
    texts = [value for value in values if isinstance(value, str)]
    return texts if len(texts) > _MOSTLY * len(rows) else []


def is_wordy(texts: Sequence[str]) -> bool:
    """Return whether texts say something: no numbers, dates, times, hashes or links."""
    filled = [text for text in texts[:_LOOKED_AT] if text.strip()]
    said = sum(not (_DATE.fullmatch(text) or _CODE.fullmatch(text)) for text in filled)
    return bool(filled) and said >= (1 - _MOSTLY) * len(filled)


def is_prose(texts: Sequence[str]) -> bool:
    """Return whether most texts have several words."""
    filled = [text for text in texts[:_LOOKED_AT] if text.strip()]
    return 2 * sum(len(text.split()) >= _PROSE_WORDS for text in filled) > len(filled)


def mean_length(name: str, rows: Rows) -> float:
    """Return the mean length of a column that holds words, else 0."""
    texts = texts_of(name, rows)
    return sum(map(len, texts)) / len(rows) if is_wordy(texts) else 0.0


def are_conversations(texts: Sequence[str]) -> bool:
    """Return whether most texts are conversations with marks that say who speaks."""
    looked = [text for text in texts[:_LOOKED_AT] if text]
    return bool(looked) and sum(map(holds_conversation, looked)) >= _MOSTLY * len(looked)
