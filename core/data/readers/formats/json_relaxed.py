"""JSON as people write it by hand: comments and commas too many are left out.

Only what stands outside texts is touched, and only where a file cannot be read otherwise.
"""

from __future__ import annotations

import io
import re

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*+")
    |(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|(?:(?<=\n)|\A)[ \t]*+\#[^\n]*+)
    |(?P<comma>,(?=(?:\s|//[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/)*+[\]}]))""",
    re.X | re.S,
)
_BLOCK = 1 << 20
_TYPOGRAPHIC = re.compile(r"[{,]\s*[“”„‟«»]|[“”„‟«»]\s*:")


def relaxed(text: str) -> str:
    """Return ``text`` without comments and without commas before a closing bracket."""
    return _TOKEN.sub(lambda match: match["text"] or _lines_of(match.group()), text)


def _lines_of(left_out: str) -> str:
    """Return the line ends of a comment, so that the rows keep their line numbers."""
    return "\n" * left_out.count("\n")


def has_typographic_quotes(text: str) -> bool:
    """Return whether names stand in quotation marks that a word processor has changed."""
    return _TYPOGRAPHIC.search(text) is not None


class RelaxedText(io.TextIOBase):
    """Text as it is read from ``stream``, relaxed; cut only at the end of a line."""

    def __init__(self, stream: io.TextIOBase, head: str, *, relax: bool) -> None:
        self._stream = stream
        self._head = head
        self._rest = ""
        self._relax = relax

    def read(self, size: int | None = _BLOCK) -> str:
        """Return about ``size`` characters, ``""`` at the end."""
        if not self._relax:
            head, self._head = self._head, ""
            return head or self._stream.read(size)
        while True:
            block = self._head or self._stream.read(size)
            self._head = ""
            text = self._rest + block
            if not block:
                self._rest = ""
                return relaxed(text)
            end = text.rfind("\n", 0, len(text) - 1) + 1
            if end and _open_comment(text, end) < 0 and (done := self._whole(text, end)):
                return done
            if len(text) > 4 * _BLOCK:
                self._rest = ""
                return text
            self._rest = text

    def _whole(self, text: str, end: int) -> str:
        """Return the text before ``end``; a comma waits for what comes behind it."""
        done = relaxed(text[:end])
        kept = done.rstrip().removesuffix(",") if done.rstrip().endswith(",") else done
        self._rest = done[len(kept) :] + text[end:]
        return kept


def _open_comment(text: str, end: int) -> int:
    """Return where a block comment begins that does not end before ``end``, or -1."""
    begin = text.rfind("/*", 0, end)
    return begin if begin >= 0 and text.find("*/", begin, end) < 0 else -1
