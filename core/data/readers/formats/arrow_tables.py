"""Parquet and Arrow, a batch of rows at a time; numbered classes get their names."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from core.data.readers.formats.records import Record
from core.data.readers.options import SHEET_LIMIT
from core.errors import UserFacingError
from core.language import _

_BATCH = 1000
_FILE_MARK = b"ARROW1"


def parquet_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the rows of a Parquet file.

    Raises:
        UserFacingError: the file is damaged.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(_seekable(stream))
        names = _class_names(table.schema_arrow)
        yield from _rows(table.iter_batches(batch_size=_BATCH, use_threads=False), names)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _damaged("Parquet", error) from error


def arrow_rows(stream: IO[bytes]) -> Iterator[Record]:
    """Yield the rows of an Arrow file, as ``datasets`` saves them, or of an Arrow stream.

    Raises:
        UserFacingError: the file is damaged.
    """
    import pyarrow
    from pyarrow import ipc

    try:
        content = _seekable(stream)
        is_file = content.read(len(_FILE_MARK)) == _FILE_MARK
        content.seek(0)
        reader = ipc.open_file(content) if is_file else ipc.open_stream(content)
        batches = map(reader.get_batch, range(reader.num_record_batches)) if is_file else reader
        yield from _rows(_small(batches), _class_names(reader.schema))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _damaged("Arrow", error) from error


def _small(batches: Iterable[Any]) -> Iterator[Any]:
    for batch in batches:
        batch.validate(full=True)  # places outside the file would end the process
        for begin in range(0, batch.num_rows, _BATCH):
            yield batch.slice(begin, _BATCH)


def _rows(batches: Iterable[Any], names: dict[str, list[str]]) -> Iterator[Record]:
    number = 0
    for batch in batches:
        for value in batch.to_pylist():
            number += 1
            for column, classes in names.items():
                place = value.get(column)
                if isinstance(place, int) and 0 <= place < len(classes):
                    value[column] = classes[place]
            yield Record(number, value)


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Return the names of numbered classes, which ``datasets`` keeps beside the schema."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        found = {name: feature.get("names") for name, feature in features.items()}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {name: list(map(str, names)) for name, names in found.items() if isinstance(names, list)}


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """These files are read from their end; a packed file's bytes go through memory."""
    if stream.seekable():
        return stream
    content = io.BytesIO(stream.read(SHEET_LIMIT + 1))
    if content.getbuffer().nbytes > SHEET_LIMIT:
        raise UserFacingError(
            "dataset.archive_too_large",
            _("This file unpacks to more than {limit:,} MB.", limit=SHEET_LIMIT >> 20),
            _("Unpack it and choose the file inside. An unpacked file can be of any size."),
        )
    return content


def _damaged(kind: str, error: Exception) -> UserFacingError:
    return UserFacingError(
        "dataset.damaged_table",
        _("This {format} file is damaged.", format=kind),
        _("Download or export it again, then choose the new file."),
        str(error),
    )
