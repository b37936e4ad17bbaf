"""The rows whose text a repair changed, kept on the disk: they may be all rows of a large file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO

import orjson

from core.data.example import Example, from_json, to_json


class ChangedRows(Mapping[int, Example]):
    """Row number → example as it is now, in the order in which the rows came.

    Only the places of the rows are in memory.

    Args:
        file: an empty file to write to; who opened it closes it.
    """

    def __init__(self, file: IO[bytes], rows: Iterable[tuple[int, Example]]) -> None:
        self._file = file
        self._places: dict[int, tuple[int, int]] = {}
        begin = 0
        for number, example in rows:
            size = self._file.write(orjson.dumps(to_json(example)))
            self._places[number] = (begin, size)
            begin += size

    def among(self, is_wanted: Callable[[int], bool]) -> ChangedRows:
        """Return those of the rows that are wanted; they lie in the same file."""
        some = ChangedRows(self._file, ())
        some._places = {n: place for n, place in self._places.items() if is_wanted(n)}
        return some

    def __getitem__(self, number: int) -> Example:
        begin, size = self._places[number]
        self._file.seek(begin)
        return from_json(orjson.loads(self._file.read(size)))

    def __contains__(self, number: object) -> bool:
        return number in self._places

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
