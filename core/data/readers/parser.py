"""The parser of each file format; each is imported when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, cast, get_args

from core.data.readers.documents.paragraphs import Tidied
from core.data.readers.documents.reader import DocumentFormat
from core.data.readers.formats.records import ExportFormat, Format, Record


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
    elif file_format in get_args(ExportFormat):
        yield from _exported(stream, file_format, encoding, label)
    elif file_format == "text" or file_format == "markdown":  # noqa: PLR1714
        from core.data.readers.formats.prose import prose_rows

        yield from prose_rows(stream, encoding, file_format)
    else:
        from core.data.readers.documents.reader import document_paragraphs
        from core.data.readers.formats.prose import document_rows

        tidied = tidied or Tidied()
        form = cast("DocumentFormat", file_format)
        found = document_paragraphs(stream, form, encoding, label, tidied)
        yield from document_rows(found, file_format)


def _exported(stream: IO[bytes], form: Format, encoding: str, label: str) -> Iterator[Record]:
    """Yield the rows of what a program exports in a form of its own."""
    if form == "chat":
        from core.data.readers.formats.chats.text import chat_rows

        yield from chat_rows(stream, encoding)
    elif form == "chat_page":
        from core.data.readers.documents.reader import explained
        from core.data.readers.exports.chat_pages import chat_page_rows

        with explained(label):
            yield from chat_page_rows(stream, encoding)
    elif form == "dialogue":
        from core.data.readers.exports.dialogues import dialogue_rows

        yield from dialogue_rows(stream, encoding)
    elif form == "mail":
        from core.data.readers.exports.mail import mail_rows

        yield from mail_rows(stream)
    elif form == "xml_rows":
        from core.data.readers.exports.xml_rows import xml_rows

        yield from xml_rows(stream, encoding)
    elif form == "subtitles":
        from core.data.readers.exports.subtitles import subtitle_rows

        yield from subtitle_rows(stream, encoding)
    else:
        from core.data.readers.exports.cards import card_rows

        yield from card_rows(stream, encoding)
