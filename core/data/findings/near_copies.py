"""Near copies: candidates by MinHash bands, each verified by its true Jaccard similarity."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from core.data.findings.components import Labels, flatten, hook, peek
from core.data.findings.shingles import Shingles

_SKETCH_MARGIN = 0.17  # four standard deviations of a 96-value sketch
_PAIRS_AT_ONCE = 16_384
_PAIRS_PER_BAND = 30_000_000
_WORTH_THREADS = 20_000  # rows
_MOST_THREADS = 8

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearIndex:
    """What near copies are found with, for all rows of a draft."""

    shingles: Shingles
    sketch: NDArray[np.uint8]
    bands: NDArray[np.uint32]


def unite_near(
    index: NearIndex,
    rows: Rows,
    labels: Labels,
    threshold: float,
    progress: Callable[[int, int], None],
    *,
    focus: Rows | None = None,
) -> None:
    """Join, in place, those of ``rows`` whose similarity is at least ``threshold``.

    Args:
        rows: the rows to compare, each text only once.
        progress: told the bands that are done and their number.
        focus: rows; only pairs that share a band's key with one of them count.
    """
    sizes = np.diff(index.shingles.offsets)
    rows = rows[sizes[rows] > 0]
    finder = _Finder(index, sizes, labels, threshold)
    bands = index.bands.shape[1]

    def find(band: int) -> None:
        keys = np.ascontiguousarray(index.bands[rows, band])
        near = slice(None) if focus is None else np.isin(keys, index.bands[focus, band])
        finder.band(band, rows[near], keys[near])

    workers = (os.cpu_count() or 1) if len(rows) > _WORTH_THREADS else 1
    with ThreadPoolExecutor(min(workers, _MOST_THREADS)) as pool:
        found = [pool.submit(find, band) for band in range(bands)]
        try:
            for band, result in enumerate(found):
                progress(band, bands)
                result.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    flatten(labels)


class _Finder:
    """Goes through the rows that share a band's key, pair by pair; bands may run side by side.

    A pair belongs to the first band whose key it shares, so that no two bands compare it.
    """

    def __init__(
        self, index: NearIndex, sizes: NDArray[np.int64], labels: Labels, threshold: float
    ) -> None:
        self._index = index
        self._sizes = sizes
        self._labels = labels
        self._threshold = threshold
        self._joining = Lock()
        self._agreeing = round((threshold - _SKETCH_MARGIN) * index.sketch.shape[1])

    def band(self, band: int, rows: Rows, keys: NDArray[np.uint32]) -> None:
        """Compare neighbours at growing distance within each bucket, sorted by size."""
        order = np.lexsort((self._sizes[rows], keys))
        rows, keys = rows[order], keys[order]
        left = np.flatnonzero(keys[1:] == keys[:-1])
        distance, budget = 1, _PAIRS_PER_BAND
        while len(left) and budget > 0:
            budget -= len(left)
            first, second = rows[left], rows[left + distance]
            comparable = self._sizes[first] >= self._threshold * self._sizes[second]
            self._compare(band, first[comparable], second[comparable])
            distance += 1
            left = left[comparable]
            left = left[left + distance < len(rows)]
            left = left[keys[left] == keys[left + distance]]

    def _compare(self, band: int, first: Rows, second: Rows) -> None:
        for begin in range(0, len(first), _PAIRS_AT_ONCE):
            a, b = first[begin : begin + _PAIRS_AT_ONCE], second[begin : begin + _PAIRS_AT_ONCE]
            wanted = self._is_wanted(band, a, b)
            a, b = a[wanted], b[wanted]
            near = similarities(self._index.shingles, a, b) >= self._threshold
            if near.any():
                with self._joining:
                    hook(self._labels, a[near], b[near])

    def _is_wanted(self, band: int, a: Rows, b: Rows) -> NDArray[np.bool_]:
        """Pairs that are not in one group yet, look similar, and were not compared before."""
        bands, sketch = self._index.bands, self._index.sketch
        # Another thread may join groups meanwhile; then this pair is compared for nothing.
        places = np.flatnonzero(peek(self._labels, a) != peek(self._labels, b))
        again = (bands[a[places], :band] == bands[b[places], :band]).any(axis=1)
        places = places[~again]
        agreeing = (sketch[a[places]] == sketch[b[places]]).sum(axis=1)
        wanted = np.zeros(len(a), dtype=np.bool_)
        wanted[places[agreeing >= self._agreeing]] = True
        return wanted


def similarities(shingles: Shingles, first: Rows, second: Rows) -> NDArray[np.float64]:
    """Return the Jaccard similarity of each pair of rows."""
    if not len(first):
        return np.zeros(0)
    pairs = len(first)
    rows = np.concatenate([first, second])
    begins, ends = shingles.offsets[rows], shingles.offsets[rows + 1]
    lengths = ends - begins
    pair_of = np.repeat(
        np.resize(np.arange(pairs, dtype=np.uint64) << np.uint64(32), 2 * pairs), lengths
    )
    values = shingles.values
    pieces = [values[b:e] for b, e in zip(begins.tolist(), ends.tolist(), strict=True)]
    keys = pair_of | np.concatenate(pieces)
    keys.sort()
    twice = keys[1:][keys[1:] == keys[:-1]] >> np.uint64(32)
    common = np.bincount(twice.astype(np.int64), minlength=pairs)
    total = lengths[:pairs] + lengths[pairs:]
    return np.asarray(common / (total - common), dtype=np.float64)
