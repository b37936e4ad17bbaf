"""Rows as they stand in a file: one parser for each file format, all streaming.

A parser yields :class:`Record` objects; a row that cannot be parsed carries a ``fault`` in plain
words, and the parser continues with the next row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.data.readers.documents.reader import DocumentFormat

ExportFormat = Literal["chat", "chat_page", "dialogue", "mail", "subtitles", "cards", "xml_rows"]
Format = (
    Literal[
        "json",
        "jsonl",
        "csv",
        "tsv",
        "xlsx",
        "parquet",
        "text",
        "markdown",
        "arrow",
    ]
    | ExportFormat
    | DocumentFormat
)


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
