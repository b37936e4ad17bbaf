"""Long texts in pieces that a model can take, instead of none of the text.

A piece ends where a paragraph does, else a line, a sentence, a word. It begins with the end of the
piece before it, so that what stands around a cut is read in one go at least once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LIMIT = 4000
"""Characters of a piece; a text that is not longer stays whole."""
_OVERLAP = 400
_ENDS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])"),
    re.compile(r"\s+"),
)


def pieces(text: str, limit: int = LIMIT, overlap: int = _OVERLAP) -> list[str]:
    """Return ``text`` in overlapping pieces of at most ``limit`` characters, stripped."""
    parts = list(_parts(text, limit - overlap, 0))
    found: list[str] = []
    begin = end = 0  # of the piece in the making: parts[begin:end]
    size = 0
    while end < len(parts):
        if size + len(parts[end]) <= limit:
            size += len(parts[end])
            end += 1
            continue
        found.append("".join(parts[begin:end]).strip())
        begin, size = _step_back(parts, end, overlap)
    found.append("".join(parts[begin:end]).strip())
    return [piece for piece in found if piece]


def _step_back(parts: list[str], end: int, overlap: int) -> tuple[int, int]:
    """Return where the next piece begins, and how long it is so far."""
    begin, size = end, 0
    while begin and size + len(parts[begin - 1]) <= overlap:
        begin -= 1
        size += len(parts[begin])
    return begin, size


def _parts(text: str, most: int, depth: int) -> Iterator[str]:
    """Yield ``text`` in order in parts of at most ``most`` characters, cut as late as possible."""
    if len(text) <= most:
        yield text
    elif depth == len(_ENDS):
        yield from (text[at : at + most] for at in range(0, len(text), most))
    else:
        begin = 0
        for match in _ENDS[depth].finditer(text):
            if match.end() > begin:
                yield from _parts(text[begin : match.end()], most, depth + 1)
                begin = match.end()
        if begin < len(text):
            yield from _parts(text[begin:], most, depth + 1)
