"""Mojibake and malformed bytes: recognised and, where the letters are not lost, repaired."""

from __future__ import annotations

import re

import ftfy
from ftfy.badness import is_bad

from core.data.readers.encoding import KEPT_BYTES, restore_kept_bytes, show_kept_bytes

_LOST = "\ufffd"
# A lead byte of UTF-8 and a continuation byte: the rest of the letter is gone. Nor is a byte a
# letter that texts hardly have (ÿ, þ), or a capital one before a sign.
_CUT_LETTER = re.compile(
    "[\uf7c2-\uf7f4][\uf780-\uf7bf]+|[\uf780-\uf78f\uf79d\uf7fe\uf7ff]"
    "|[\uf7c2-\uf7df](?=[^A-Za-z\\s])"
)


def has_broken_text(text: str) -> bool:
    """Return whether letters are damaged: wrong bytes, replacement characters, mojibake."""
    if text.isascii():
        return False
    if _LOST in text or KEPT_BYTES.search(text):
        return True
    return bool(is_bad(text)) and ftfy.fix_encoding(text) != text


def repair_text(text: str) -> str:
    """Return ``text`` with its letters restored; lost ones remain ``U+FFFD``."""
    if text.isascii():
        return text
    if KEPT_BYTES.search(text):
        text = restore_kept_bytes(_CUT_LETTER.sub(_LOST, text))
    return ftfy.fix_encoding(text) if is_bad(text) else text


def is_lost(text: str) -> bool:
    """Return whether the repaired ``text`` still misses letters."""
    return not text.isascii() and _LOST in repair_text(text)


def visible(text: str) -> str:
    """Return ``text`` as it would look without repair."""
    return text if text.isascii() else show_kept_bytes(text)
