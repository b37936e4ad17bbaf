"""The lines of a draft's ``rows.jsonl``: an example, or a row that could not be read.

Nothing in them depends on the language: a reason is stored as ``core.storage.recorded`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from core.data.example import BadRow, Example, Source, from_json, to_json
from core.storage.recorded import from_record, to_record


def encode(item: Example | BadRow) -> bytes:
    """Return the row as one line of JSON, with its line end."""
    if isinstance(item, Example):
        return orjson.dumps(to_json(item), option=orjson.OPT_APPEND_NEWLINE)
    record = {
        "bad": to_record(item.reason),
        "raw": item.raw,
        "source": {"file": item.source.file, "line": item.source.line},
    }
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def decode(line: bytes) -> Example | BadRow:
    """Inverse of :func:`encode`."""
    record = orjson.loads(line)
    if "bad" in record:
        source = Source(record["source"]["file"], record["source"]["line"])
        return BadRow(source, from_record(record["bad"]), record["raw"])
    return from_json(record)


def rows_holding(lines: Iterable[tuple[int, bytes]], wanted: str) -> Iterator[int]:
    """Yield the numbers of the rows in which these words stand, however they are capitalised."""
    words = _plain(wanted)
    for row, line in lines:
        item = decode(line)
        texts = [item.raw] if isinstance(item, BadRow) else [m.content for m in item.messages]
        if any(words in _plain(text) for text in texts):
            yield row


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
