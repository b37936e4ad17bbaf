"""Exports in XML of which every element is a row: posts of Stack Exchange, text messages.

The elements are found one by one without a parser of XML, which could be made to grow or to fetch.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from core.data.readers.documents.snippets import plain
from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT

_ELEMENT = re.compile(r"<(?P<name>row|sms)\s(?P<inside>[^<>]*)/?>")
_ATTRIBUTE = re.compile(r'([A-Za-z_]{1,40})="([^"]*)"')
_MOST = 1_000_000  # questions and answers held at one time
_SENT = "2"  # the kind of a text message
_BLOCK = 1 << 20


@dataclass(slots=True)
class _Answer:
    text: str
    merit: tuple[bool, float]


@dataclass(slots=True)
class _Question:
    line: int
    text: str
    accepted: str
    best: _Answer | None = None


def is_xml_rows(text: str) -> bool:
    """Return whether a text begins as one of these exports does."""
    found = _ELEMENT.search(text)
    if found is None or not text.lstrip("\ufeff \r\n").startswith("<"):
        return False
    names = {name for name, _ in _ATTRIBUTE.findall(found["inside"])}
    return {"PostTypeId", "Body"} <= names or {"body", "type", "date"} <= names


def xml_rows(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield each question with its best answer, or a row a message."""
    questions: dict[str, _Question] = {}
    waiting: list[dict[str, str]] = []
    for line, name, row in _elements(stream, encoding):
        if name == "sms":
            yield from _message(line, row)
        elif row.get("PostTypeId") == "1" and len(questions) < _MOST:
            text = "\n\n".join(filter(None, (row.get("Title", "").strip(), plain(row.get("Body")))))
            questions[row.get("Id", "")] = _Question(line, text, row.get("AcceptedAnswerId", ""))
        elif row.get("PostTypeId") == "2" and not _answers(questions, row):
            waiting += [row] if len(waiting) < _MOST else []
    for row in waiting:  # answers that stood before their question
        _answers(questions, row)
    for asked in questions.values():
        if asked.best:
            value = {"question": asked.text, "answer": asked.best.text}
            yield Record(asked.line, value, broken=KEPT_BYTES.search(asked.best.text) is not None)


def _elements(stream: IO[bytes], encoding: str) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield line, name and attributes of each element; one over the limit is passed over."""
    with decoded(stream, encoding) as text:
        window, line = "", 1
        while block := text.read(_BLOCK):
            window += block
            end = 0
            for match in _ELEMENT.finditer(window):
                line += window.count("\n", end, match.start())
                end = match.end()
                found = _ATTRIBUTE.findall(match["inside"])
                yield line, match["name"], {name: html.unescape(value) for name, value in found}
            begun = window.rfind("<", end)
            keep = begun if begun >= 0 and len(window) - begun < LINE_LIMIT else len(window)
            line += window.count("\n", end, keep)
            window = window[keep:]


def _answers(questions: dict[str, _Question], row: dict[str, str]) -> bool:
    """Note an answer with its question; return whether the question is known."""
    asked = questions.get(row.get("ParentId", ""))
    if asked is None:
        return False
    score = row.get("Score", "")
    merit = (row.get("Id") == asked.accepted, float(score) if _is_number(score) else 0.0)
    text = plain(row.get("Body"))
    if text and (asked.best is None or merit > asked.best.merit):
        asked.best = _Answer(text, merit)
    return True


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,9}", text) is not None


def _message(line: int, row: dict[str, str]) -> Iterator[Record]:
    """A message as SMS Backup & Restore writes it: received ones name whom they are from."""
    name = row.get("contact_name", "")
    other = name if name not in ("", "(Unknown)", "null") else row.get("address", "")
    said = row.get("body", "").strip()
    day = row.get("readable_date", "")[:12] or row.get("date", "")[:5]
    if said and said != "null" and other:
        speaker = "Me" if row.get("type") == _SENT else other  # not shown: a speaker like others
        yield Record(line, {"speaker": speaker, "said": said, "day": f"{other} {day}"})
