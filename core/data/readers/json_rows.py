"""JSON and JSON Lines, a value at a time, with recovery after a damaged one."""

from __future__ import annotations

import ast
import codecs
import io
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import orjson

from core.data.readers.encoding import KEEP_BYTES, KEPT_BYTES, decoded, without_surrogates
from core.data.readers.options import LINE_LIMIT
from core.data.readers.records import Record

_RAW_SHOWN = 2000
_BLOCK = 1 << 20
_LONGEST_GAP = 64  # characters between two values, where one block ends and the next begins
_NEXT_VALUE = re.compile(r"\n[ \t]*,?[ \t]*(?=[{\[\"])|\}[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*")
_LIST_KEYS = ("data", "rows", "examples", "train", "items", "records", "conversations", "samples")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed in JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant, strict=False)


def limited_lines(stream: IO[bytes], limit: int = LINE_LIMIT) -> Iterator[tuple[int, bytes | None]]:
    """Yield line numbers and lines; ``None`` for a line over the limit, which is skipped."""
    number = 0
    while line := stream.readline(limit):
        number += 1
        if len(line) == limit and not line.endswith(b"\n"):
            while (rest := stream.readline(_BLOCK)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, line


def json_lines(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield one record for each line that is not blank."""
    if encoding not in ("utf-8", "utf-8-sig", "ascii"):
        stream = as_utf8(stream, encoding)
    for number, line in limited_lines(stream):
        if line is None:
            yield Record(number, fault=f"the line is longer than {LINE_LIMIT >> 20} MB")
            continue
        content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            yield Record(number, orjson.loads(content))
        except orjson.JSONDecodeError:
            if content.strip():
                yield _second_try(number, content.strip())


def as_utf8(stream: IO[bytes], encoding: str) -> IO[bytes]:
    """Re-encode a stream; kept bytes stay kept bytes, now as private characters."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors=KEEP_BYTES, newline="")
    return io.BufferedReader(_Reencoded(text), _BLOCK)


class _Reencoded(io.RawIOBase):
    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = self._text.read(len(buffer)).encode("utf-8", "replace")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            with suppress(ValueError):
                self._text.detach()
        super().close()


def _second_try(number: int, line: bytes) -> Record:
    """What strict parsing refused: odd bytes, odd escapes, or a Python literal."""
    text = line.decode("utf-8", KEEP_BYTES)
    broken = bool(KEPT_BYTES.search(text))
    try:
        value = _without_surrogates(_DECODER.decode(text))
    except (ValueError, RecursionError) as error:
        return _third_try(number, text, broken, error)
    return Record(number, value, broken=broken)


def _third_try(number: int, text: str, broken: bool, error: Exception) -> Record:
    value = _python_literal(text)
    if value is not None:
        return Record(number, value, broken=broken)
    return Record(number, fault=_explain(error), broken=broken, raw=_shown(text))


def _python_literal(text: str) -> dict[str, Any] | None:
    """Rows printed by Python instead of written as JSON: ``{'question': 'x'}``."""
    if not text.startswith("{'") or len(text) > _BLOCK:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in somebody's text
            value = ast.literal_eval(text)
        # Only what JSON can hold as well is a row.
        value = _without_surrogates(json.loads(json.dumps(value)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _shown(text: str) -> str:
    return without_surrogates(text[:_RAW_SHOWN])


def _explain(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the row is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"this is not valid JSON ({error.msg}, character {error.pos + 1})"
    return f"this is not valid JSON ({error})"


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    return value


def json_values(stream: IO[bytes], encoding: str) -> Iterator[Record]:
    """Yield the elements of a JSON array, or of values written one after the other."""
    with decoded(stream, encoding) as text:
        yield from _ValueReader(text).records()


class _ValueReader:
    """A sliding window of text over the file, and the place of the next value in it."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._window = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._ends_damaged = False  # the list's end went with its damaged last value

    def records(self) -> Iterator[Record]:
        self._skip_between()
        in_array = self._window[self._at : self._at + 1] == "["
        if in_array:
            self._move(self._at + 1)
        while self._skip_between():
            if in_array and self._window[self._at] == "]":
                yield from self._after_end()
                return
            yield from self._value(unwrap=not in_array)
        if in_array and not self._ends_damaged:
            yield Record(self._line, fault="the file ends in the middle of its list")

    def _after_end(self) -> Iterator[Record]:
        self._move(self._at + 1)
        if self._skip_between():
            raw = _shown(self._window[self._at :])
            yield Record(self._line, fault="there is more text after the end of the list", raw=raw)

    def _value(self, unwrap: bool) -> Iterator[Record]:
        line = self._line
        while True:
            try:
                value, end = _DECODER.raw_decode(self._window, self._at)
                value = self._cleaned(value, end)
            except (ValueError, RecursionError) as error:
                if self._could_be_cut(error) and self._read_more():
                    continue
                yield self._skip_damaged(line, error)
                return
            if end == len(self._window) and self._read_more():
                continue  # a number may go on in the next block
            break
        broken = bool(KEPT_BYTES.search(self._window, self._at, end))
        self._move(end)
        yield from _unwrapped(line, value, broken) if unwrap else [Record(line, value, "", broken)]

    def _cleaned(self, value: Any, end: int) -> Any:
        if self._window.isascii() and self._window.find("\\u", self._at, end) < 0:
            return value
        return _without_surrogates(value)

    def _could_be_cut(self, error: Exception) -> bool:
        if self._ended or len(self._window) - self._at > LINE_LIMIT:
            return False
        if isinstance(error, json.JSONDecodeError):
            near_end = error.pos > len(self._window) - 16
            return near_end or error.msg.startswith("Unterminated string")
        return False

    def _skip_damaged(self, line: int, error: Exception) -> Record:
        """Leave the damaged value behind: go on where the next one seems to begin."""
        reason = _explain(error)
        start, raw = self._at, ""
        while True:
            match = _NEXT_VALUE.search(self._window, start + 1)
            if match or self._ended:
                break
            raw = raw or _shown(self._window[self._at :])
            self._move(max(self._at, len(self._window) - _LONGEST_GAP))
            self._read_more()
            start = self._at - 1
        end = match.end() if match else len(self._window)
        self._ends_damaged = not match and self._window.rstrip().endswith("]")
        raw = raw or _shown(self._window[self._at : end])
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
        size = min(
            max(_BLOCK, len(self._window) - self._at), 4 * _BLOCK
        )  # long values: fewer tries
        block = "" if self._ended else self._text.read(size)
        self._ended = not block
        if block:
            self._window = self._window[self._at :] + block
            self._at = 0
        return bool(block)


def _unwrapped(line: int, value: Any, broken: bool) -> Iterator[Record]:
    """A file that is one object often keeps its rows in a list under some name."""
    rows = _rows_in(value)
    if rows is None:
        yield Record(line, value, broken=broken)
        return
    for row in rows:
        yield Record(line, row, broken=broken)


def _rows_in(value: Any) -> list[Any] | None:
    if not isinstance(value, dict):
        return None
    for key in (*_LIST_KEYS, *value):
        rows = value.get(key)
        if isinstance(rows, list) and rows and all(isinstance(r, dict) for r in rows):
            is_turns = any("role" in r or "from" in r for r in rows)
            return None if is_turns else rows
    return None
