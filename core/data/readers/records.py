"""Rows as they stand in a file: one parser for each file format, all streaming.

A parser yields :class:`Record` objects; a row that cannot be parsed carries a ``fault`` in plain
words, and the parser goes on with the next row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal

Format = Literal[
    "json", "jsonl", "csv", "tsv", "xlsx", "parquet", "text", "markdown", "arrow", "chat"
]


@dataclass(slots=True)
class Record:
    """One row: where it begins (counted from 1), its parsed value, or what is wrong with it.

    ``broken`` says that some bytes did not fit the encoding. ``raw`` is the row's own text, for
    rows that could not be parsed. ``part`` names the sheet in a workbook with several.
    """

    line: int
    value: Any = None
    fault: str = ""
    broken: bool = False
    raw: str = ""
    part: str = ""


def parse(stream: IO[bytes], file_format: Format, encoding: str) -> Iterator[Record]:
    """Yield the rows of ``stream``."""
    if file_format == "jsonl":
        from core.data.readers.json_rows import json_lines

        yield from json_lines(stream, encoding)
    elif file_format == "json":
        from core.data.readers.json_values import json_values

        yield from json_values(stream, encoding)
    elif file_format == "csv" or file_format == "tsv":  # noqa: PLR1714 - narrows the type
        from core.data.readers.delimited import delimited_rows

        yield from delimited_rows(stream, encoding, file_format)
    elif file_format == "xlsx":
        from core.data.readers.sheets import sheet_rows

        yield from sheet_rows(stream)
    elif file_format == "parquet":
        from core.data.readers.arrow_tables import parquet_rows

        yield from parquet_rows(stream)
    elif file_format == "arrow":
        from core.data.readers.arrow_tables import arrow_rows

        yield from arrow_rows(stream)
    elif file_format == "chat":
        from core.data.readers.chat_text import chat_rows

        yield from chat_rows(stream, encoding)
    elif file_format == "text" or file_format == "markdown":  # noqa: PLR1714
        from core.data.readers.prose import prose_rows

        yield from prose_rows(stream, encoding, file_format)
