"""The parser of each file format; each is imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from core.data.readers.documents.paragraphs import Tidied
from core.data.readers.formats.records import Format, Record


def parse(
    stream: IO[bytes],
    file_format: Format,
    encoding: str,
    label: str = "",
    tidied: Tidied | None = None,
) -> Iterator[Record]:
    """Yield the rows of ``stream``; ``tidied`` learns what was done to a document."""
    if file_format == "jsonl":
        from core.data.readers.formats.json_rows import json_lines

        yield from json_lines(stream, encoding)
    elif file_format == "json":
        from core.data.readers.formats.json_values import json_values

        yield from json_values(stream, encoding)
    elif file_format == "csv" or file_format == "tsv":  # noqa: PLR1714 - narrows the type
        from core.data.readers.formats.delimited import delimited_rows

        yield from delimited_rows(stream, encoding, file_format)
    elif file_format == "xlsx":
        from core.data.readers.formats.sheets import sheet_rows

        yield from sheet_rows(stream)
    elif file_format == "parquet":
        from core.data.readers.formats.arrow_tables import parquet_rows

        yield from parquet_rows(stream)
    elif file_format == "arrow":
        from core.data.readers.formats.arrow_tables import arrow_rows

        yield from arrow_rows(stream)
    elif file_format == "chat":
        from core.data.readers.formats.chat_text import chat_rows

        yield from chat_rows(stream, encoding)
    elif file_format == "mail":
        from core.data.readers.exports.mail import mail_rows

        yield from mail_rows(stream)
    elif file_format == "subtitles":
        from core.data.readers.exports.subtitles import subtitle_rows

        yield from subtitle_rows(stream, encoding)
    elif file_format == "cards":
        from core.data.readers.exports.cards import card_rows

        yield from card_rows(stream, encoding)
    elif file_format == "text" or file_format == "markdown":  # noqa: PLR1714
        from core.data.readers.formats.prose import prose_rows

        yield from prose_rows(stream, encoding, file_format)
    else:
        from core.data.readers.documents.reader import document_paragraphs
        from core.data.readers.formats.prose import document_rows

        tidied = tidied or Tidied()
        found = document_paragraphs(stream, file_format, encoding, label, tidied)
        yield from document_rows(found, file_format)
