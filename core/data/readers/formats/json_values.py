"""JSON documents, a value at a time, with recovery after a damaged one.

The rows are the elements of a list, of a list inside an object (``{"data": […]}``), or values
written one after the other; columns written one after the other are turned into rows.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Generator, Iterator
from itertools import islice
from typing import IO, Any

from core.data.readers.conversations.turns import is_turns
from core.data.readers.encoding import KEPT_BYTES, decoded
from core.data.readers.formats.chats.logs import find_chat
from core.data.readers.formats.json_relaxed import RelaxedText, has_typographic_quotes, relaxed
from core.data.readers.formats.json_rows import DECODER, QUOTES, RAW_SHOWN, clean, explain, shown
from core.data.readers.formats.json_tables import expanded, is_row_name, rows_of
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT
from core.language import _

_BLOCK = 1 << 20
_ROWS_TRIED = 200
_LONGEST_GAP = 64  # characters between two values, where one block ends and the next begins
_NEXT_VALUE = re.compile(r"\n[ \t]*,?[ \t]*(?=[{\[\"])|\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_SPACE = re.compile(r"[ \t\r\n]*+")
_COMMAS = re.compile(r"[ \t\r\n,]*+")
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*")
_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*+)"\s*:\s*')
_ABOUT_THE_ROWS = (
    "features",
    "schema",
    "columns",
    "fields",
    "info",
    "metadata",
    "tags",
    "participants",
)


def json_values(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield the rows of a JSON document."""
    with decoded(stream, encoding) as text:
        head = text.read(_BLOCK)
        yield from _ValueReader(RelaxedText(text, head, relax=_is_lax(head))).records()


def _is_lax(head: str) -> bool:
    """Return whether a document reads better without comments and commas too many."""
    simple = relaxed(head)
    return simple != head and _faults(simple) < _faults(head)


def _faults(head: str) -> int:
    """Return how many of the first values are damaged; the last one may only be cut."""
    records = islice(_ValueReader(io.StringIO(head)).records(), _ROWS_TRIED)
    return sum(bool(record.fault) for record in records)


class _ValueReader:
    """A sliding window of text over the file, and the place of the next value in it."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._window = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._ends_damaged = False  # the list's end went with its damaged last value

    def records(self) -> Iterator[Record]:
        """Yield the rows, good and damaged."""
        if self._skip_between() and self._window[self._at] == "[":
            self._move(self._at + 1)
            yield from self._elements()
            yield from self._after_end()
            return
        while self._skip_between():
            if (begin := self._wrapped_list()) is not None:
                yield from self._wrapper(begin)
            else:
                yield from self._value(unwrap=True)

    def _elements(self) -> Iterator[Record]:
        """Yield what comes until the list's end, and step behind it."""
        while self._skip_between():
            if self._window[self._at] == "]":
                self._move(self._at + 1)
                return
            yield from self._value(unwrap=False)
        if not self._ends_damaged:
            yield Record(self._line, fault=_("the file ends in the middle of its list"))

    def _after_end(self) -> Iterator[Record]:
        if self._skip_between():
            raw = shown(self._window[self._at :])
            fault = _("there is more text after the end of the list")
            yield Record(self._line, fault=fault, raw=raw)

    def _wrapped_list(self) -> int | None:
        """Return where the rows begin if the object here keeps them in a list."""
        if self._window[self._at] != "{":
            return None
        place, names = _skip_space(self._window, self._at + 1), []
        while match := _MEMBER.match(self._window, place):
            names.append(match[1])
            if self._holds_rows(match.end(), names):
                return match.end()
            try:
                _, end = DECODER.raw_decode(self._window, match.end())
            except (ValueError, RecursionError):
                return None
            place = _skip_space(self._window, end, _COMMAS)
        return None

    def _holds_rows(self, begin: int, names: list[str]) -> bool:
        if not self._window.startswith("[", begin) or any(map(is_row_name, names[:-1])):
            return False
        if names[-1].lower() in _ABOUT_THE_ROWS:
            return False
        first = _skip_space(self._window, begin + 1)
        if not self._window.startswith("{", first):
            return False
        try:
            value, _ = DECODER.raw_decode(self._window, first)
        except (ValueError, RecursionError):
            return not is_row_name(names[-1])
        return not is_turns([value]) or find_chat([value]) is not None

    def _wrapper(self, begin: int) -> Iterator[Record]:
        """Yield the rows of an object's lists; its other members are not rows."""
        while True:
            self._move(begin + 1)
            yield from self._elements()
            begin = yield from self._next_list()
            if begin < 0:
                return

    def _next_list(self) -> Generator[Record, None, int]:
        """Step over members that hold no rows; return the place of a further list, or -1."""
        while self._skip_between():
            if self._window[self._at] in "}]":
                self._move(self._at + 1)
                return -1
            match = _MEMBER.match(self._window, self._at)
            if match is None:
                yield self._skip_damaged(self._line, _("the text between two lists is damaged"))
                return -1
            if self._holds_rows(match.end(), [match[1]]):
                return match.end()
            self._move(match.end())
            yield from (r for r in self._value(unwrap=False) if r.fault)
        return -1

    def _value(self, *, unwrap: bool) -> Iterator[Record]:
        line = self._line
        while True:
            try:
                value, end = DECODER.raw_decode(self._window, self._at)
                value = self._cleaned(value, end)
            except (ValueError, RecursionError) as error:
                if self._could_be_cut(error) and self._read_more():
                    continue
                yield self._skip_damaged(line, self._reason(error))
                return
            if end == len(self._window) and self._read_more():
                continue  # a number may go on in the next block
            break
        broken = bool(KEPT_BYTES.search(self._window, self._at, end))
        self._move(end)
        rows = rows_of(value) if unwrap else None
        if rows is None:
            yield from (Record(line, row, "", broken) for row in expanded(value))
        else:
            yield from (Record(n, row, "", broken) for n, row in enumerate(rows, start=1))

    def _cleaned(self, value: Any, end: int) -> Any:
        if self._window.isascii() and self._window.find("\\u", self._at, end) < 0:
            return value
        return clean(value)

    def _could_be_cut(self, error: Exception) -> bool:
        if self._ended or self._is_too_long():
            return False
        if isinstance(error, json.JSONDecodeError):
            near_end = error.pos > len(self._window) - 16
            return near_end or error.msg.startswith("Unterminated string")
        return False

    def _is_too_long(self) -> bool:
        return len(self._window) - self._at > LINE_LIMIT

    def _reason(self, error: Exception) -> str:
        if self._is_too_long() and not self._ended:
            return _("a single value is longer than {limit:,} MB", limit=LINE_LIMIT >> 20)
        if has_typographic_quotes(self._window[self._at : self._at + RAW_SHOWN]):
            return _(QUOTES)
        return explain(error)

    def _skip_damaged(self, line: int, reason: str) -> Record:
        """Leave the damaged value behind: go on where the next one seems to begin."""
        start, raw = self._at, ""
        while True:
            match = _NEXT_VALUE.search(self._window, start + 1)
            if match or self._ended:
                break
            raw = raw or shown(self._window[self._at :])
            self._move(max(self._at, len(self._window) - _LONGEST_GAP))
            self._read_more()
            start = self._at - 1
        end = match.end() if match else len(self._window)
        self._ends_damaged = not match and self._window.rstrip().endswith(("]", "}"))
        raw = raw or shown(self._window[self._at : end])
        self._move(end)
        return Record(line, fault=reason, raw=raw)

    def _skip_between(self) -> bool:
        """Move to the next value; ``False`` at the end of the file."""
        while True:
            match = _BETWEEN.match(self._window, self._at)
            end = match.end() if match else self._at
            self._move(end)
            if end < len(self._window):
                return True
            if not self._read_more():
                return False

    def _move(self, place: int) -> None:
        self._line += self._window.count("\n", self._at, place)
        self._at = place

    def _read_more(self) -> bool:
        # long values: fewer tries
        size = min(max(_BLOCK, len(self._window) - self._at), 4 * _BLOCK)
        block = "" if self._ended else self._text.read(size)
        self._ended = not block
        if block:
            self._window = self._window[self._at :] + block
            self._at = 0
        return bool(block)


def _skip_space(text: str, place: int, space: re.Pattern[str] = _SPACE) -> int:
    """A stranger's megabyte of spaces takes a millisecond."""
    found = space.match(text, place)
    return found.end() if found else place
