"""CSV and TSV, a row at a time, with recovery after a damaged one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Literal

from core.data.readers.encoding import decoded
from core.data.readers.formats.json_rows import TOO_LONG
from core.data.readers.formats.records import Record
from core.data.readers.formats.tables import header_of, table_record
from core.data.readers.options import LINE_LIMIT
from core.language import _

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16


def delimited_rows(
    stream: IO[bytes], encoding: str, file_format: Literal["csv", "tsv"]
) -> Iterator[Record]:
    """Yield the rows of a CSV or TSV file; the delimiter is guessed from the beginning."""
    with decoded(stream, encoding) as text:
        lines = _Lines(text)
        sample = lines.peek()
        delimiter = "\t" if file_format == "tsv" else guess_delimiter(sample)
        escape = "\\" if escapes_quotes(sample, delimiter) else None
        previous = csv.field_size_limit(LINE_LIMIT)
        try:
            yield from _csv_records(lines, delimiter, escape)
        finally:
            csv.field_size_limit(previous)


class _LineTooLongError(csv.Error):
    """A line is over the limit."""


class _Lines:
    """Lines of text, none longer than the limit; those of the current row can be given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._ahead: list[str | None] = []  # None stands for a line over the limit
        self._row: list[str | None] = []
        self._number = 0
        self.ended = False

    def peek(self) -> str:
        """Return some of the first lines without consuming them."""
        size, seen = 0, ""
        while size < _SAMPLE and (line := self._read()) != "":
            self._ahead.insert(0, line)
            seen += line or ""
            size += len(line or "")
        return seen

    def begin_row(self) -> int:
        """Return the number of the line that comes next, the first one of a new row."""
        self._row = []
        return self._number + 1

    def give_back(self) -> None:
        """Take the row's lines after its first one for rows of their own."""
        again = self._row[1:]
        self._ahead += reversed(again)
        self._number -= len(again)

    def has_open_quote(self, delimiter: str) -> bool:
        """Return whether the row ended only because the file did."""
        lines = [line for line in self._row if line]
        if not self.ended or not any('"' in line for line in lines):
            return False
        try:
            list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error as error:
            return str(error) == "unexpected end of data"  # not shown: words of csv
        return False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else self._read()
        if line == "":
            self.ended = True
            raise StopIteration
        self._number += 1
        self._row.append(line)
        if line is None:
            raise _LineTooLongError
        return line

    def _read(self) -> str | None:
        line = self._text.readline(LINE_LIMIT)
        if len(line) < LINE_LIMIT or line.endswith(("\n", "\r")):
            return line
        while (rest := self._text.readline(_SAMPLE)) and not rest.endswith(("\n", "\r")):
            pass
        return None


def _fault(error: csv.Error) -> str:
    if isinstance(error, _LineTooLongError):
        return _(TOO_LONG, limit=LINE_LIMIT >> 20)
    return _("the row cannot be read as a table ({details})", details=str(error))


def guess_delimiter(sample: str) -> str:
    """Return the delimiter that splits the first rows into the same number (> 1) of columns."""
    if sample.startswith("sep=") and sample[4:5] in _DELIMITERS:
        return sample[4]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths or widths[0] < 2:
            continue
        same = sum(width == widths[0] for width in widths) / len(widths)
        score = same + 0.01 * min(widths[0], 10)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(sample: str, delimiter: str, escape: str | None = None) -> list[int]:
    try:
        reader = csv.reader(io.StringIO(sample), delimiter=delimiter, escapechar=escape)
        rows = [row for row in reader if row]
    except csv.Error:
        return []
    return [len(row) for row in rows[:50]]


def escapes_quotes(sample: str, delimiter: str) -> bool:
    r"""Return whether quotes inside cells are written ``\"`` instead of ``""``."""
    if '\\"' not in sample:
        return False
    doubled, escaped = _widths(sample, delimiter), _widths(sample, delimiter, "\\")
    if not doubled or not escaped:
        return bool(escaped)
    return escaped.count(escaped[0]) / len(escaped) > doubled.count(doubled[0]) / len(doubled)


def _csv_records(lines: _Lines, delimiter: str, escape: str | None) -> Iterator[Record]:
    header: list[str] | None = None
    reader = csv.reader(lines, delimiter=delimiter, escapechar=escape)
    while True:
        line = lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back()
            yield Record(line, fault=_fault(error))
            continue
        if lines.has_open_quote(delimiter):
            lines.give_back()
            yield Record(line, fault=_("a quotation mark is opened but never closed"))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            if line == 1 and row[0].startswith("sep="):
                continue  # how spreadsheet programs name the delimiter
            header, is_named = header_of(row)
            if is_named:
                continue
        yield table_record(line, header, row)
