"""Spreadsheets: every sheet whose columns are those of the first one with rows."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from core.data.readers.formats import sheet_limits
from core.data.readers.formats.records import Record
from core.data.readers.formats.tables import header_of, names_a_shape, table_record, tidy
from core.data.readers.options import EXPANSION_RATIO, SHEET_LIMIT
from core.errors import UserFacingError, is_panic
from core.language import _

_BYTES_PER_CELL = 32
_ROWS_ABOVE_HEADER = 5
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError,
    OSError, struct.error,
)  # fmt: skip
NumberedRows = list[tuple[int, list[Any]]]


def sheet_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the rows of a workbook (cell values; formulas are not run).

    The first sheet whose columns are those of a known shape (else the first with rows) says what
    the columns are; sheets with the same ones follow, each other sheet is one named problem.

    Raises:
        UserFacingError: the file is damaged or unreasonably large.
    """
    sheets = _sheets(_checked_sheet(stream))
    tables = [(name, *_table(rows)) for name, rows in sheets]
    if not tables:
        return
    main = next((header for _, header, _ in tables if names_a_shape(header)), tables[0][1])
    for name, header, rows in tables:
        part = name if len(tables) > 1 else ""
        if sorted(header) != sorted(main):
            fault = _("the sheet “{name}” has different columns and is left out", name=name)
            yield Record(1, fault=fault, part=part)
            continue
        for number, row in rows:
            record = table_record(number, header, [_cell(value) for value in row])
            record.part = part
            yield record


def _sheets(content: io.BytesIO) -> list[tuple[str, NumberedRows]]:
    """Return the sheets that hold anything, with their rows that are not blank."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(content)
        worksheet = python_calamine.SheetTypeEnum.WorkSheet  # not a chart on a page of its own
        names = [meta.name for meta in book.sheets_metadata if meta.typ == worksheet]
        found = [(name, book.get_sheet_by_name(name).to_python()) for name in names]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _damaged_sheet(error) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise _damaged_sheet(error) from error
    numbered = ((name, list(enumerate(rows, start=1))) for name, rows in found)
    filled = ((name, [r for r in rows if any(map(_is_filled, r[1]))]) for name, rows in numbered)
    return [(name, rows) for name, rows in filled if rows]


def _is_filled(value: Any) -> bool:
    return bool(str(value).strip())


def _table(rows: NumberedRows) -> tuple[list[str], NumberedRows]:
    """Return the column names and the rows below them; a title may stand above the names."""
    for place, (_line, row) in enumerate(rows[:_ROWS_ABOVE_HEADER]):
        if names_a_shape(name for name in tidy(row) if name):
            return header_of(row)[0], rows[place + 1 :]
    header, is_named = header_of(rows[0][1])
    return header, rows[1:] if is_named else rows


def _damaged_sheet(error: BaseException) -> UserFacingError:
    return UserFacingError(
        "dataset.damaged_table",
        _("This spreadsheet is damaged or locked with a password."),
        _("Open it in a spreadsheet program, save it as CSV and choose that file."),
        str(error),
    )


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _checked_sheet(stream: IO[bytes]) -> io.BytesIO:
    content = io.BytesIO(stream.read(SHEET_LIMIT + 1))
    size = packed = content.getbuffer().nbytes
    if zipfile.is_zipfile(content):
        try:
            with zipfile.ZipFile(content) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
            if size > max(20 << 20, packed * EXPANSION_RATIO):
                raise _too_large()
            sheet = sheet_limits.size_of(content)
        except _ZIP_ERRORS as e:
            raise _damaged_sheet(e) from e
        size = max(size, sheet.letters, sheet.cells * _BYTES_PER_CELL)
    if size > SHEET_LIMIT:
        raise _too_large()
    content.seek(0)
    return content


def _too_large() -> UserFacingError:
    return UserFacingError(
        "dataset.archive_too_large",
        _("This spreadsheet unpacks to more than {limit:,} MB.", limit=SHEET_LIMIT >> 20),
        _("Save it as CSV and choose that file. A CSV file can be of any size."),
    )
