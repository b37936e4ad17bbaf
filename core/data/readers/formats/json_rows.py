"""JSON Lines, a line at a time, and what both readers of JSON say about damaged values."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import orjson

from core.data.readers.conversations.flat_rows import flat_row
from core.data.readers.encoding import KEEP_BYTES, KEPT_BYTES, without_surrogates
from core.data.readers.formats.json_relaxed import has_typographic_quotes, relaxed
from core.data.readers.formats.records import Record
from core.data.readers.options import LINE_LIMIT
from core.data.readers.python_values import python_value
from core.language import N_, _

RAW_SHOWN = 2000
QUOTES = N_('the quotation marks are typographic (“ ”), but JSON needs straight ones (")')
TOO_LONG = N_("the line is longer than {limit:,} MB")
_BLOCK = 1 << 20


def _nothing(_: str) -> None:
    """NaN and Infinity are how programs write that there is no number."""


DECODER = json.JSONDecoder(parse_constant=_nothing, strict=False)
"""Reads JSON with raw control characters in texts; NaN and Infinity are nothing."""


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
            yield Record(number, fault=_(TOO_LONG, limit=LINE_LIMIT >> 20))
            continue
        content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            yield Record(number, flat_row(orjson.loads(content)))
        except orjson.JSONDecodeError:
            if content.strip() and (record := _second_try(number, content.strip())):
                yield record


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


def _second_try(number: int, line: bytes) -> Record | None:
    """What strict parsing refused: odd bytes, odd escapes, or a Python literal."""
    text = line.decode("utf-8", KEEP_BYTES)
    broken = bool(KEPT_BYTES.search(text))
    try:
        value = clean(DECODER.decode(text))
    except (ValueError, RecursionError) as error:
        return _third_try(number, text, broken, error)
    return Record(number, flat_row(value), broken=broken)


def _third_try(number: int, text: str, broken: bool, error: Exception) -> Record | None:
    """Comments and commas too many, or a row as Python prints it; a line may be all comment."""
    rest = relaxed(text).strip().removesuffix(",").rstrip()
    if not rest:
        return None
    for value in (_decoded(rest) if rest != text else None, python_value(text)):
        if isinstance(value, dict | list):
            return Record(number, value, broken=broken)
    reason = _(QUOTES) if has_typographic_quotes(text[:RAW_SHOWN]) else explain(error)
    return Record(number, fault=reason, broken=broken, raw=shown(text))


def _decoded(text: str) -> Any:
    try:
        return clean(DECODER.decode(text))
    except (ValueError, RecursionError):
        return None


def shown(text: str) -> str:
    """Return the beginning of a damaged value."""
    return without_surrogates(text[:RAW_SHOWN])


def explain(error: Exception) -> str:
    """Return in plain words why a value cannot be read."""
    if isinstance(error, RecursionError):
        return _("the row is nested too deeply")
    if isinstance(error, json.JSONDecodeError):
        return _(
            "this is not valid JSON ({details}, character {place:,})",
            details=error.msg,
            place=error.pos + 1,
        )
    return _("this is not valid JSON ({details})", details=str(error))


def clean(value: Any) -> Any:
    """Return ``value`` without lone surrogates in any of its texts."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(k): clean(v) for k, v in value.items()}
    return value
