"""PDF documents: paragraphs put together from lines, without headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from itertools import pairwise
from statistics import median_low
from typing import IO

from core.data.readers.documents.paragraphs import (
    Paragraph,
    Tidied,
    UnreadableError,
    content_of,
    squeezed,
)
from core.data.readers.documents.pdf_pages import Line, PdfPages

_LOOKED_AT = 40
"""Pages whose first and last lines are compared."""
_EDGE_LINES = 2
_FEWEST = 3
_MOST_OF = 0.5
_DIGITS = re.compile(r"\d+")
_HYPHENS = "-\u00ad\u2010\ufffe\x02"
_JOINS = "\ufffe\x02"
"""What the library puts where it joined a divided word."""
_NEVER_SHOWN = str.maketrans("", "", f"\u00ad{_JOINS}")
_ENDS = (".", "!", "?", "…", ":", ";", "。", "！", "？", "”", '"', "»", ")")
_POINT = re.compile(r"[•▪‣◦●]\s?\S|[-–*]\s+\S")
_NAMED = re.compile(r"\d{1,3}[.)]\s|[^\W\d_]{1,12}\s?\d{0,3}:\s")
"""Lines that begin something: a point of a list, a number, ``Question 3:``."""
_WIDE_GAP = 1.45
_LARGER = 1.15
_LONGEST_HEADING = 120
_INDENT = 0.8
_NEAR = 0.5
_LINES_REMEMBERED = 200


def pdf_paragraphs(stream: IO[bytes], tidied: Tidied) -> Iterator[Paragraph]:
    """Yield paragraphs and headings with the number of their page.

    Raises:
        UnreadableError: damaged, protected, unreasonably large, or pictures alone.
    """
    with PdfPages(content_of(stream)) as pages:
        found = False
        for repeated in (_repeated(pages), frozenset[str]()):
            for paragraph in _built(pages, repeated, tidied):
                found = True
                yield paragraph
            if found or not repeated:
                break
            tidied.clear()  # nothing else was there: it is the text
        if not found:
            raise UnreadableError("damaged" if pages.unread else "pictures")


def _built(pages: PdfPages, repeated: frozenset[str], tidied: Tidied) -> Iterator[Paragraph]:
    builder = _Builder(repeated, tidied)
    for number in range(pages.count):
        yield from builder.add(pages.page(number), number + 1)
    yield from builder.done()
    tidied.unread = len(pages.unread)


def _repeated(pages: PdfPages) -> frozenset[str]:
    """Return what stands at the edges of most pages, as it is and with ``#`` for numbers."""
    step = max(1, pages.count // _LOOKED_AT)
    seen: Counter[str] = Counter()
    looked = 0
    for number in range(0, pages.count, step):
        lines = pages.page(number)
        looked += bool(lines)
        edges = {squeezed(line.text) for line in _edges(lines)}
        seen.update(edges | {_shape(text) for text in edges})
    enough = max(_FEWEST, _MOST_OF * looked)
    return frozenset(shape for shape, pages_with in seen.items() if pages_with >= enough)


def _edges(lines: list[Line]) -> list[Line]:
    return lines[:_EDGE_LINES] + lines[max(_EDGE_LINES, len(lines) - _EDGE_LINES) :]


def _shape(text: str) -> str:
    return _DIGITS.sub("#", squeezed(text))


class _Builder:
    """Puts lines together to paragraphs; one may go on at the next page."""

    def __init__(self, repeated: frozenset[str], tidied: Tidied) -> None:
        self._repeated = repeated
        self._tidied = tidied
        self._usual = _Usual()
        self._text = ""
        self._place = 1
        self._level = 0

    def add(self, lines: list[Line], place: int) -> Iterator[Paragraph]:
        """Take the lines of a page; yield the paragraphs that are complete."""
        self._tidied.textless += not lines
        self._usual.learn(lines)
        pitch, height = self._usual.pitch, self._usual.height
        at_edges = {line for line in _edges(lines) if self._is_repeated(line, height)}
        kept = [line for line in lines if line not in at_edges]
        self._tidied.repeated += len(lines) - len(kept)
        last: Line | None = None
        for line in kept:
            level = _level(line, height)
            if self._begins(last, line, level, pitch, height):
                yield from self.done()
                self._place, self._level = place, level
            self._join(line.text)
            last = line

    def _is_repeated(self, line: Line, height: float) -> bool:
        """A heading that differs by its number alone is none of the repeated lines.

        Nothing but a number at the edge of a page is its number.
        """
        if squeezed(line.text) in self._repeated or _shape(line.text) == "#":
            return True
        return not _level(line, height) and _shape(line.text) in self._repeated

    def _begins(
        self, last: Line | None, line: Line, level: int, pitch: float, height: float
    ) -> bool:
        """Whether a new paragraph begins with ``line``."""
        if not self._text or level != self._level:
            return True
        ended = self._text.endswith(_ENDS)
        listed = _POINT.match(self._text) is not None
        if _POINT.match(line.text) or ((ended or listed) and _NAMED.match(line.text)):
            return True
        if last is None:  # a new page
            return ended or line.text[:1].isupper()
        return _is_apart(last, line, ended, pitch, height)

    def _join(self, text: str) -> None:
        before, text = self._text, text.strip()
        if not before:
            self._text = text
        elif before[-1] in _HYPHENS and before[-2:-1].isalpha() and text[:1].islower():
            self._text = before[:-1] + text
            self._tidied.joined += 1
        else:
            self._text = f"{before} {text}"

    def done(self) -> Iterator[Paragraph]:
        """Yield what was gathered."""
        self._tidied.joined += sum(map(self._text.count, _JOINS))
        text = squeezed(self._text.translate(_NEVER_SHOWN))
        self._text = ""
        if text:
            yield Paragraph(text, self._place, self._level)


def _gap(above: Line, below: Line) -> float:
    """Return the distance of two lines; one with divided words is several below each other."""
    return (above.bottom - below.bottom) / (1 + sum(map(above.text.count, _JOINS)))


def _is_apart(last: Line, line: Line, ended: bool, pitch: float, height: float) -> bool:
    """Whether the place of a line says that it begins a paragraph."""
    if not line.height or not last.height or not pitch:
        return False
    gap = _gap(last, line)
    if gap > _WIDE_GAP * pitch:
        return True
    if gap < -_NEAR * height:  # a new column
        return ended
    return ended and line.left - last.left > _INDENT * height


class _Usual:
    """The usual distance of two lines and the usual height of one, over the last pages."""

    def __init__(self) -> None:
        self._heights: deque[float] = deque(maxlen=_LINES_REMEMBERED)
        self._gaps: deque[float] = deque(maxlen=_LINES_REMEMBERED)
        self.pitch = self.height = 0.0

    def learn(self, lines: list[Line]) -> None:
        """Look at the lines of one more page."""
        self._heights.extend(line.height for line in lines if line.height > 0)
        if not self._heights:
            return
        self.height = median_low(self._heights)
        gaps = (_gap(a, b) for a, b in pairwise(lines))
        self._gaps.extend(g for g in gaps if _NEAR * self.height < g < 3 * self.height)
        nearest = sorted(self._gaps)  # the wider ones are between paragraphs
        self.pitch = nearest[(len(nearest) - 1) // 6] if nearest else 1.2 * self.height


def _level(line: Line, height: float) -> int:
    """A short line in larger type is a heading."""
    if not height or len(line.text) > _LONGEST_HEADING or line.height < _LARGER * height:
        return 0
    return 1 if line.height > 1.6 * height else 2
