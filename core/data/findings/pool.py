"""The analysis of many rows on all processor cores.

Rows travel to the worker processes as lines of JSON and come back as plain arrays. A worker ends by
itself when its pipe closes, so that none outlives a parent that was killed.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from core.data.draft_rows import decode, encode
from core.data.findings.analysis import Analyser, Chunk
from core.data.findings.near.shingles import Shingles
from core.data.readers import Row

CHUNK_ROWS = 2000
CHUNK_CHARACTERS = 4 << 20
_MOST_WORKERS = 8

Chunks = Iterable[list[Row]]


def analysed(chunks: Chunks, *, parallel: bool) -> Iterator[tuple[list[Row], Chunk]]:
    """Yield each chunk of rows with its analysis, in order.

    Args:
        parallel: use worker processes; worth their start for some ten thousand rows.
    """
    workers = min(os.cpu_count() or 1, _MOST_WORKERS)
    if not parallel or workers < 2:
        analyser = Analyser()
        for rows in chunks:
            lines = [encode(row.item) for row in rows]
            yield rows, analyser.chunk(rows, lines)
        return
    with _Pool(workers) as pool:
        yield from pool.analysed(chunks)


class _Pool:
    """Worker processes, each at the end of a pipe."""

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection[Any, Any]] = []
        self._processes = []
        for _ in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(mine)
            self._processes.append(process)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_exit: object) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()

    def analysed(self, chunks: Chunks) -> Iterator[tuple[list[Row], Chunk]]:
        """Hand chunks out in turn and take them back in the same order.

        A worker gets a chunk only when its last answer was taken, since both ends would block for
        ever if both were writing.
        """
        waiting: deque[tuple[list[Row], list[bytes], Connection[Any, Any]]] = deque()
        for number, rows in enumerate(chunks):
            end = self._ends[number % len(self._ends)]
            done = waiting.popleft() if len(waiting) == len(self._ends) else None
            lines = [encode(row.item) for row in rows]
            flags = [row.foreign for row in rows]
            answer = None if done is None else self._collect(*done)
            end.send_bytes(orjson.dumps({"foreign": flags, "sizes": list(map(len, lines))}))
            end.send_bytes(b"".join(lines))
            waiting.append((rows, lines, end))
            if answer is not None:
                yield answer
        while waiting:
            yield self._collect(*waiting.popleft())

    @staticmethod
    def _collect(
        rows: list[Row], lines: list[bytes], end: Connection[Any, Any]
    ) -> tuple[list[Row], Chunk]:
        facts, values, offsets, sketch, bands = (_receive(end) for _ in range(5))
        return rows, Chunk(lines, facts, Shingles(values, offsets), sketch, bands)


def work(end: Connection[Any, Any]) -> None:
    """Analyse what comes through the pipe until it closes; the entry of a worker process."""
    analyser = Analyser()
    try:
        while True:
            head = orjson.loads(end.recv_bytes())
            rows = list(_rows(end.recv_bytes(), head["sizes"], head["foreign"]))
            chunk = analyser.chunk(rows, [])
            shingles = chunk.shingles
            for array in (
                chunk.facts,
                shingles.values,
                shingles.offsets,
                chunk.sketch,
                chunk.bands,
            ):
                _send(end, array)
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return


def _rows(content: bytes, sizes: list[int], foreign: list[bool]) -> Iterator[Row]:
    begin = 0
    for size, is_foreign in zip(sizes, foreign, strict=True):
        yield Row(decode(content[begin : begin + size]), is_foreign)
        begin += size


def _send(end: Connection[Any, Any], array: NDArray[Any]) -> None:
    end.send_bytes(
        orjson.dumps({"dtype": np.lib.format.dtype_to_descr(array.dtype), "shape": array.shape})
    )
    end.send_bytes(np.ascontiguousarray(array).tobytes())


def _receive(end: Connection[Any, Any]) -> NDArray[Any]:
    head = orjson.loads(end.recv_bytes())
    kind = head["dtype"]
    dtype = np.dtype(kind if isinstance(kind, str) else [(name, code) for name, code in kind])
    return np.frombuffer(end.recv_bytes(), dtype=dtype).reshape(head["shape"])
