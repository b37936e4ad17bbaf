"""What every document becomes: paragraphs, each with the number of the page or part it stands on.

A parser here yields :class:`Paragraph` objects in the order of the text. What it left out or joined
on the way is counted in :class:`Tidied`, so that it can be said.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

from core.data.readers.options import EXPANSION_FREE, EXPANSION_RATIO

DOCUMENT_LIMIT = 200 << 20
"""Largest document (bytes) that is opened; its library reads it as a whole."""
PART_LIMIT = 64 << 20
"""Largest part (bytes, unpacked) of a packed document."""
_DAMAGED_ZIP = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError,
    ValueError, OSError,
)  # fmt: skip
_WHITE = re.compile(r"\s+")
_RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,}|={3,})")


Reason = Literal["damaged", "locked", "too_large", "pictures", "empty"]


class UnreadableError(Exception):
    """A document cannot be read; ``reason`` becomes a sentence where its name is known."""

    def __init__(self, reason: Reason, details: str = "") -> None:
        super().__init__(f"{reason}: {details}")
        self.reason: Reason = reason
        self.details = details


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a heading (``level`` from 1 to 6)."""

    text: str
    place: int
    level: int = 0

    @property
    def marked(self) -> str:
        """The text as Markdown says it; a line that only divides is nothing."""
        if _RULE.fullmatch(self.text):
            return ""
        return f"{'#' * min(self.level, 6)} {self.text}" if self.level else self.text


@dataclass(slots=True)
class Tidied:
    """What was done to a document while it was read.

    Attributes:
        repeated: lines that are on most pages (headers, footers), left out.
        joined: words that were divided at the end of a line.
        textless: pages without any text, most likely pictures.
        unread: pages that the library cannot read.
    """

    repeated: int = 0
    joined: int = 0
    textless: int = 0
    unread: int = 0

    def clear(self) -> None:
        """Forget everything: the document is read again."""
        self.repeated = self.joined = self.textless = self.unread = 0

    def add(self, other: Tidied) -> None:
        """Add what was done to another document."""
        self.repeated += other.repeated
        self.joined += other.joined
        self.textless += other.textless
        self.unread += other.unread


def squeezed(text: str) -> str:
    """Return the text with single spaces."""
    return _WHITE.sub(" ", text).strip()


def content_of(stream: IO[bytes]) -> bytes:
    """Return all bytes of a document.

    Raises:
        UnreadableError: there are too many.
    """
    content = stream.read(DOCUMENT_LIMIT + 1)
    if len(content) > DOCUMENT_LIMIT:
        raise UnreadableError("too_large")
    return content


@contextmanager
def unpacked(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a packed document, one of reasonable size.

    Raises:
        UnreadableError: damaged, locked with a password or unreasonably large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > max(EXPANSION_FREE, len(content) * EXPANSION_RATIO):
                raise UnreadableError("too_large")
            yield archive
    except _DAMAGED_ZIP as error:
        raise UnreadableError("damaged", str(error)) from error


def part_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of one part.

    Raises:
        UnreadableError: it is too large.
    """
    if archive.getinfo(name).file_size > PART_LIMIT:
        raise UnreadableError("too_large")
    return archive.read(name)
