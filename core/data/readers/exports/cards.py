"""Notes of Anki as its text export writes them: settings behind #, then front and back."""

from __future__ import annotations

import csv
import html
from collections.abc import Iterator
from typing import IO

from core.data.readers.documents.snippets import plain
from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.records import Record

_SEPARATORS = {
    "tab": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":",
}  # fmt: skip
_ABOUT = ("guid", "notetype", "deck", "tags")


def is_cards(text: str) -> bool:
    """Return whether a text begins as such an export does."""
    return text.lstrip("\ufeff").startswith(("#separator:", "#html:", "#notetype"))


def card_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield question and answer of each note; its further fields have columns of their own."""
    with decoded(stream, encoding) as text:
        settings: dict[str, str] = {}
        line, number = text.readline(), 1
        while line.startswith("#"):
            name, _, value = line[1:].strip().partition(":")
            settings[name.strip().lower()] = value.strip()
            line, number = text.readline(), number + 1
        separator = settings.get("separator", "tab")
        given = _SEPARATORS.get(separator.lower(), separator[:1] or "\t")
        is_html = settings.get("html", "false").lower() == "true"
        away = {int(v) - 1 for n, v in settings.items() if _is_about(n) and v.isdigit()}
        rows = csv.reader(_again(line, text), delimiter=given)
        try:
            for cells in rows:
                fields = [c for place, c in enumerate(cells) if place not in away]
                fields = [_text(field) if is_html else field.strip() for field in fields]
                if any(fields):
                    broken = any(KEPT_BYTES.search(field) for field in fields)
                    yield Record(number + rows.line_num - 1, _named(fields), broken=broken)
        except csv.Error as error:
            yield Record(number + rows.line_num, fault=str(error))


def _is_about(name: str) -> bool:
    return name.endswith(" column") and name.removesuffix(" column") in _ABOUT


def _again(first: str, text: Iterator[str]) -> Iterator[str]:
    yield first
    yield from text


def _named(fields: list[str]) -> dict[str, str]:
    names = ["question", "answer", *(f"field_{n}" for n in range(3, len(fields) + 1))]
    return dict(zip(names, fields, strict=False))


def _text(field: str) -> str:
    return html.unescape(plain(field.replace("<br>", "\n").replace("<br/>", "\n"))).strip()
