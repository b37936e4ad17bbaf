"""Tables: spreadsheets and Parquet, each row as ``{column: value}``."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any

from core.data.readers import sheet_limits
from core.data.readers.encoding import KEPT_BYTES
from core.data.readers.options import EXPANSION_RATIO, SHEET_LIMIT
from core.data.readers.records import Record
from core.errors import UserFacingError

_HEADER_CELL_LIMIT = 64
_BATCH = 1000
_BYTES_PER_CELL = 32
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError,
    OSError, struct.error,
)  # fmt: skip


def tidy(row: Iterable[Any]) -> list[str]:
    """Return the cells as possible column names."""
    return [str(cell).strip().lstrip("\ufeff") for cell in row]


def header_of(first_row: list[Any]) -> list[str]:
    """Return the column names: the first row if it looks like names, else *column 1*, …"""
    names = tidy(first_row)
    looks_like_names = len(set(names)) == len(names) and all(
        name and len(name) <= _HEADER_CELL_LIMIT and not name.endswith(("?", ".", "!"))
        and not name.replace(".", "").isdigit() and len(name.split()) <= 5
        for name in names
    )  # fmt: skip
    return names if looks_like_names else [f"column {n}" for n in range(1, len(names) + 1)]


def table_record(line: int, header: list[str], row: list[Any]) -> Record:
    """Return a row of a table; cells beyond the header are a fault, missing ones are empty."""
    if len(row) > len(header) and any(str(cell).strip() for cell in row[len(header) :]):
        raw = ",".join(map(str, row))[:2000]
        reason = f"the row has {len(row)} columns, but the table has {len(header)}"
        return Record(line, fault=reason, raw=raw)
    value = dict(zip(header, row, strict=False))
    for name in header[len(row) :]:
        value[name] = ""
    return Record(line, value, broken=any(KEPT_BYTES.search(c) for c in row if isinstance(c, str)))


def sheet_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the rows of the first sheet that has any (cell values; formulas are not run).

    Raises:
        UserFacingError: the file is damaged or unreasonably large.
    """
    import python_calamine

    content = _checked_sheet(stream)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(content)
        sheets = (book.get_sheet_by_index(n) for n in range(len(book.sheet_names)))
        rows: list[list[Any]] = next((r for r in (s.to_python() for s in sheets) if r), [])
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _damaged_sheet(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library's own mistakes arrive
            raise
        raise _damaged_sheet(error) from error
    header: list[str] | None = None
    for number, row in enumerate(rows, start=1):
        if not any(str(cell).strip() for cell in row):
            continue
        if header is None:
            header = header_of(row)
            if header == tidy(row):
                continue
        yield table_record(number, header, [_cell(value) for value in row])


def _damaged_sheet(error: BaseException) -> UserFacingError:
    return UserFacingError(
        "dataset.damaged_table",
        "This spreadsheet is damaged or locked with a password.",
        "Open it in a spreadsheet program, save it as CSV and choose that file.",
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
        f"This spreadsheet unpacks to more than {SHEET_LIMIT >> 20} MB.",
        "Save it as CSV and choose that file; CSV of any size can be read.",
    )


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """Parquet is read from its end; a packed file's bytes go through memory."""
    if stream.seekable():
        return stream
    content = io.BytesIO(stream.read(SHEET_LIMIT + 1))
    if content.getbuffer().nbytes > SHEET_LIMIT:
        raise UserFacingError(
            "dataset.archive_too_large",
            f"This Parquet file unpacks to more than {SHEET_LIMIT >> 20} MB.",
            "Unpack it and choose the file inside; an unpacked one can have any size.",
        )
    return content


def parquet_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the rows of a Parquet file, a batch at a time.

    Raises:
        UserFacingError: the file is damaged.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(_seekable(stream))
        number = 0
        for batch in table.iter_batches(batch_size=_BATCH, use_threads=False):
            for value in batch.to_pylist():
                number += 1
                yield Record(number, value)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UserFacingError(
            "dataset.damaged_table",
            "This Parquet file is damaged.",
            "Download or export it again, then choose the new file.",
            str(error),
        ) from error
