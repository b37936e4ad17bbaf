"""How large a spreadsheet becomes in memory, found out before its library reads it as a whole.

A file of a few kilobytes can name a cell in the last row and column, or repeat one long text in a
million cells; the library would take the memory for all of it at once.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = 1 << 20
_LONGEST_CELL_TAG = 256
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<""")
_TEXT_END = re.compile(rb"</(?:\w+:)?si\s*>")


@dataclass(slots=True)
class SheetSize:
    """Cells of the largest sheet, empty ones too, and the letters of all its texts."""

    cells: int = 0
    letters: int = 0


@dataclass(slots=True)
class _Sheet:
    rows: int = 0
    columns: int = 0
    texts: Counter[int] = field(default_factory=Counter)


def size_of(content: io.BytesIO) -> SheetSize:
    """Return the size of the largest sheet in an XLSX file.

    Raises:
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError: damaged.
    """
    size = SheetSize()
    with zipfile.ZipFile(content) as archive:
        names = archive.namelist()
        lengths = [
            length for name in names if "sharedstrings" in name.lower()
            for length in _text_lengths(archive, name)
        ]  # fmt: skip
        for name in names:
            if "sheets/" in name.lower() and name.lower().endswith(".xml"):
                sheet = _look(archive, name)
                known = (
                    (lengths[n], times) for n, times in sheet.texts.items() if n < len(lengths)
                )
                size.cells = max(size.cells, sheet.rows * sheet.columns)
                size.letters = max(size.letters, sum(length * times for length, times in known))
    return size


def _look(archive: zipfile.ZipFile, name: str) -> _Sheet:
    sheet = _Sheet()
    for window in _windows(archive, name):
        for match in _PLACE.finditer(window):
            sheet.columns = max(sheet.columns, _column(match[1]))
            sheet.rows = max(sheet.rows, int(match[2]))
        sheet.texts.update(int(match[1]) for match in _SHARED.finditer(window))
    return sheet


def _column(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _windows(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield the member in blocks that end between two cells, so that no match is cut."""
    rest = b""
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            window = rest + block
            end = window.rfind(b"</", 0, len(window) - _LONGEST_CELL_TAG)
            end = end if end > 0 else len(window)
            rest = window[end:]
            yield window[:end]
    yield rest


def _text_lengths(archive: zipfile.ZipFile, name: str) -> Iterator[int]:
    """Yield the bytes of each shared text, with its tags."""
    length = 0
    for window in _windows(archive, name):
        last = 0
        for match in _TEXT_END.finditer(window):
            yield length + match.start() - last
            length, last = 0, match.end()
        length += len(window) - last
