"""Text encodings: a guess that can be overridden, and bytes that survive a wrong one.

A byte that the encoding cannot explain is kept as the private character ``U+F700 + byte``, so that
the cleaning can show and repair it later; nothing is lost while reading.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

KEEP_BYTES = "homelab-keep-bytes"
"""Name of the error handler that keeps undecodable bytes as private characters."""

_KEPT_BASE = 0xF700
KEPT_BYTES = re.compile("[\uf780-\uf7ff]+")
"""Matches runs of kept bytes in decoded text."""

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿŒœ€£¥©®°±²³µ·¼½¾¿¡«»“”‘’„–—…•™§´×\xa0"
)
_LATIN_GUESSES = re.compile(
    r"cp125[0247]|cp775|cp85\d|cp437|cp1140|latin|iso8859|mac|hp_roman|cp500"
)
_WRITING_SURROGATES = ("utf-7", "unicode-escape", "raw-unicode-escape")
_MIN_CONFIDENT_BYTES = 12
_TRUSTWORTHY_BYTES = 300
_ENOUGH_LINES = 200
_DAMAGED_LINES = 0.02


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_KEPT_BASE + b) if b >= 0x80 else "\ufffd" for b in bad), error.end


codecs.register_error(KEEP_BYTES, _keep_bytes)


@contextmanager
def decoded(stream: IO[bytes], encoding: str) -> Iterator[io.TextIOWrapper]:
    """Open ``stream`` as text with its line ends; the caller closes the stream."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors=KEEP_BYTES, newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # the stream is closed already
            text.detach()


def restore_kept_bytes(text: str) -> str:
    """Return ``text`` with its kept bytes read as Windows-1252 (the usual culprit)."""

    def restore(match: re.Match[str]) -> str:
        raw = bytes(ord(c) - _KEPT_BASE for c in match.group())
        return raw.decode("cp1252", "replace")

    return KEPT_BYTES.sub(restore, text)


def show_kept_bytes(text: str) -> str:
    """Return ``text`` with ``U+FFFD`` in the place of every kept byte."""
    return KEPT_BYTES.sub(lambda match: "\ufffd" * len(match.group()), text)


def without_surrogates(text: str) -> str:
    """Return ``text`` with lone surrogates (from JSON escapes) replaced by ``U+FFFD``."""
    return _LONE_SURROGATES.sub("\ufffd", text)


def is_text_encoding(name: str) -> bool:
    """Return whether files can be read with the codec ``name``.

    Python also calls things codecs that are no encodings of files (``hex``, ``idna``), and some
    that write lone surrogates (``utf-7``, ``unicode_escape``).
    """
    try:
        known = codecs.lookup(name).name
        b"\xff".decode(name, KEEP_BYTES)
    except (LookupError, ValueError):
        return False
    return known not in _WRITING_SURROGATES


def with_byte_order(name: str, sample: bytes) -> str:
    """Return the codec that reads ``sample`` where ``name`` expects a mark that is not there."""
    known = codecs.lookup(name).name
    if known not in ("utf-16", "utf-32"):
        return name
    return name if guess_encoding(sample[:4]).name == known else f"{known}-le"


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """A codec name and how sure the guess is, from 0 to 1."""

    name: str
    confidence: float


def guess_encoding(sample: bytes) -> EncodingGuess:
    """Guess the encoding of a text file from its first bytes (up to about 1 MiB)."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return EncodingGuess(name, 1.0)
    return _guess_wide(sample) or _guess_narrow(sample)


def _guess_wide(sample: bytes) -> EncodingGuess | None:
    """UTF-16 without a mark: every other byte of mostly Latin text is zero."""
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.3 * half and even < 0.05 * half:
        return EncodingGuess("utf-16-le", 0.9)
    if even > 0.3 * half and odd < 0.05 * half:
        return EncodingGuess("utf-16-be", 0.9)
    return None


def _guess_narrow(sample: bytes) -> EncodingGuess:
    text = codecs.getincrementaldecoder("utf-8")(KEEP_BYTES).decode(sample, final=False)
    bad = sum(len(run) for run in KEPT_BYTES.findall(text))
    if bad == 0:
        return EncodingGuess("utf-8", 1.0)
    good = sum(1 for c in text if c > "\x7f") - bad
    if good >= bad:
        return EncodingGuess("utf-8", good / (good + bad))
    return _guess_legacy(sample, bad)


def _guess_legacy(sample: bytes, bad: int) -> EncodingGuess:
    everything = sample.split(b"\n")
    lines = [line for line in everything if not line.isascii()]
    if len(everything) >= _ENOUGH_LINES and len(lines) <= _DAMAGED_LINES * len(everything):
        return EncodingGuess("utf-8", 0.6)  # some rows are damaged, not the whole file
    if bad < _TRUSTWORTHY_BYTES and _looks_western(lines):
        return EncodingGuess("cp1252", 0.6)
    if bad < _MIN_CONFIDENT_BYTES:
        return EncodingGuess("utf-8", 0.3)
    import charset_normalizer

    best = charset_normalizer.from_bytes(b"\n".join(lines)[: 1 << 17]).best()
    if best is None:
        return EncodingGuess("cp1252" if _looks_western(lines) else "utf-8", 0.2)
    is_latin = _LATIN_GUESSES.search(best.encoding) is not None
    if is_latin and (bad < _TRUSTWORTHY_BYTES or _reads_alike(sample, best.encoding)):
        return EncodingGuess("cp1252", 0.5)  # by far the most common of them
    return EncodingGuess(best.encoding, 0.5)


def _reads_alike(sample: bytes, encoding: str) -> bool:
    """Return whether the sample is the same text in this encoding and in Windows-1252."""
    return sample.decode(encoding, "replace") == sample.decode("cp1252", "replace")


def _looks_western(lines: list[bytes]) -> bool:
    """Accented letters stand alone between ASCII letters; in other scripts they come in runs."""
    runs = [run for line in lines for run in _HIGH_RUN.findall(line)]
    text = b"".join(runs).decode("cp1252", "replace")
    short = sum(len(run) <= 2 for run in runs)
    known = sum(c in _WESTERN for c in text)
    return short >= 0.9 * len(runs) and known >= 0.95 * len(text)
