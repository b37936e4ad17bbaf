"""Stray white space and invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Joiners (U+200C, U+200D) are letters' business in Persian, Hindi and emoji: never touched.
_INVISIBLE = "\u200b\u2060\ufeff\u00ad\u180e"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f" + _INVISIBLE + "\u2028\u2029]")
# These begin with letters that are seldom found, so that most of a text is passed over quickly.
_RAGGED_END = re.compile(r" \n(?<![ \n] \n)|   \n|\t *\n|\n[ \t]+\n")
_WIDE_GAP = re.compile(r"  (?<=[^\W\d_]  )[ \t]*[^\W\d_]|\t(?<=[^\W\d_]\t)[ \t]+[^\W\d_]")
_GAP = re.compile(r"(?<=[^\W\d_])[ \t]{2,}(?=[^\W\d_])")
_COLUMN_GAP = re.compile(r"\S[ \t]{2,}(?=\S)")
_CODE_LINE = re.compile(r"[=|#{};<>\[\]\\`]|//|\t\S+\t|^\s{2,}|\s{2,}\S+\s{2,}\S+\s{2,}")
_LINE_END = re.compile(r"(?<=\S)(?:[ \t]|[ \t]{3,}|[ \t]*\t[ \t]*)(?=\n)|(?<=\n)[ \t]+(?=\n)")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}\n")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029")


def has_stray_whitespace(text: str) -> bool:
    """Return whether :func:`tidy` would change ``text``."""
    if not text:
        return False
    if text[0].isspace() or text[-1].isspace():
        return tidy(text) != text
    return _is_suspect(text) and tidy(text) != text


def _is_suspect(text: str) -> bool:
    if not text.replace("\n", "").replace("\t", "").isprintable():
        return True
    if "\n\n\n\n" in text or ((" \n" in text or "\t\n" in text) and _RAGGED_END.search(text)):
        return True
    return ("  " in text or "\t" in text) and _WIDE_GAP.search(text) is not None


def tidy(text: str) -> str:
    """Return ``text`` without invisible characters, ragged ends and gaps between words.

    Indentation, aligned columns, Markdown's two-space line break and double spaces after a full
    stop stay as they are.
    """
    text = _CONTROL.sub("", _NEWLINES.sub("\n", text))
    text = _LINE_END.sub("", text)
    text = _BLANK_LINES.sub("\n\n\n", text)
    text = _strip(text)
    return "\n".join(_close_gaps(text.split("\n"))) if _GAP.search(text) else text


def _close_gaps(lines: list[str]) -> Iterator[str]:
    columns = [{match.end() for match in _COLUMN_GAP.finditer(line)} for line in lines]
    for line, mine, before, after in zip(
        lines, columns, [set(), *columns], [*columns[1:], set()], strict=False
    ):
        is_aligned = mine & (before | after)
        yield line if is_aligned or _CODE_LINE.search(line) else _GAP.sub(" ", line)


def _strip(text: str) -> str:
    """Strip both ends, but keep the indentation of the first line of code."""
    text = text.rstrip()
    first = text.lstrip("\n\r\f\v")
    lines = first.split("\n", 2)
    is_indented_code = len(lines) > 1 and first[:1] in " \t" and lines[1][:1] in " \t"
    return first if is_indented_code and _CODE_LINE.search(lines[0] + lines[1]) else first.lstrip()


def normalised(text: str) -> str:
    """Return the form in which copies are compared: NFKC, lower case, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", text))
    return " ".join(text.casefold().split())
