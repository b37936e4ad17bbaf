"""The lines of a draft's ``rows.jsonl``: an example, or a row that could not be read."""

from __future__ import annotations

import orjson

from core.data.example import BadRow, Example, Source, from_json, to_json


def encode(item: Example | BadRow) -> bytes:
    """Return the row as one line of JSON, with its line end."""
    if isinstance(item, Example):
        return orjson.dumps(to_json(item), option=orjson.OPT_APPEND_NEWLINE)
    record = {
        "bad": item.reason,
        "raw": item.raw,
        "source": {"file": item.source.file, "line": item.source.line},
    }
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def decode(line: bytes) -> Example | BadRow:
    """Inverse of :func:`encode`."""
    record = orjson.loads(line)
    if "bad" in record:
        source = Source(record["source"]["file"], record["source"]["line"])
        return BadRow(source, record["bad"], record["raw"])
    return from_json(record)
