"""Near copies: candidates by MinHash bands, each verified by its true Jaccard similarity."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event, Lock

import numpy as np
from numpy.typing import NDArray

from core.data.findings.near.components import Labels, flatten, hook, peek
from core.data.findings.near.shingles import Shingles

_SKETCH_MARGIN = 0.17  # four standard deviations of a 96-value sketch
_PAIRS_AT_ONCE = 16_384
_PAIRS_PER_BAND = 30_000_000
_REACHES = (1, 1 << 62)  # comparisons for each row, before its bucket is looked at again
_WORTH_THREADS = 20_000  # rows
_MOST_THREADS = 8
_SECONDS_BETWEEN_LOOKS = 0.2

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
        progress: told the bands that are done and their number, several times a second; may raise
            to cancel.
        focus: rows; only pairs that share a band's key with one of them count.
    """
    sizes = np.diff(index.shingles.offsets)
    rows = rows[sizes[rows] > 0]
    finder = _Finder(index, sizes, labels, threshold)
    bands = index.bands.shape[1]

    def find(band: int) -> None:
        keys = np.ascontiguousarray(index.bands[rows, band])
        near = _in_company(keys)
        if focus is not None:
            near &= np.isin(keys, index.bands[focus, band])
        finder.band(band, rows[near], keys[near])

    workers = (os.cpu_count() or 1) if len(rows) > _WORTH_THREADS else 1
    with ThreadPoolExecutor(min(workers, _MOST_THREADS)) as pool:
        found = [pool.submit(find, band) for band in range(bands)]
        try:
            for band, result in enumerate(found):
                progress(band, bands)
                while not wait([result], _SECONDS_BETWEEN_LOOKS).done:
                    progress(band, bands)
                result.result()
        except BaseException:
            finder.stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    flatten(labels)


def _in_company(keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which keys occur more than once."""
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    result = np.zeros(len(keys), dtype=np.bool_)
    result[order[1:][same]] = result[order[:-1][same]] = True
    return result


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Rows sorted by key and group: where each row's group ends (others begin), and its bucket."""

    rows: Rows
    keys: NDArray[np.uint32]
    others: Rows
    ends: Rows


def _starts(is_new: NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(np.append(True, is_new))


def _ends(is_new: NDArray[np.bool_]) -> Rows:
    """Return for each place the end of its run; ``is_new`` tells where the next one begins."""
    starts = _starts(is_new)
    ends = np.append(starts[1:], len(is_new) + 1)
    return np.repeat(ends, ends - starts)


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
        self.stopped = Event()
        self._agreeing = round((threshold - _SKETCH_MARGIN) * index.sketch.shape[1])

    def band(self, band: int, rows: Rows, keys: NDArray[np.uint32]) -> None:
        """Compare the rows of each bucket with those that are in another group so far.

        A few comparisons each join most of a bucket; then the groups are looked at again, so that
        a thousand copies of one text need some thousand comparisons and not a million. The last
        round is complete.
        """
        budget = _PAIRS_PER_BAND
        for reach in _REACHES:
            buckets = self._in_doubt(rows, keys)
            rows, keys = buckets.rows, buckets.keys
            left = np.arange(len(rows))
            step = 0
            while len(left) and step < reach and budget > 0 and not self.stopped.is_set():
                left = left[buckets.others[left] + step < buckets.ends[left]]
                self._compare(band, rows[left], rows[buckets.others[left] + step])
                budget -= len(left)
                step += 1
            if not len(left):
                return

    def _in_doubt(self, rows: Rows, keys: NDArray[np.uint32]) -> _Buckets:
        """Return the buckets whose rows are in more than one group, each sorted by group."""
        groups = peek(self._labels, rows)
        order = np.lexsort((groups, self._sizes[groups], keys))
        rows, keys, groups = rows[order], keys[order], groups[order]
        starts = _starts(keys[1:] != keys[:-1])[: len(rows)]
        lengths = np.diff(np.append(starts, len(rows)))
        several = np.minimum.reduceat(groups, starts) != np.maximum.reduceat(groups, starts)
        kept = np.repeat(several, lengths)
        rows, keys, groups = rows[kept], keys[kept], groups[kept]
        new_key = keys[1:] != keys[:-1]
        return _Buckets(rows, keys, _ends(new_key | (groups[1:] != groups[:-1])), _ends(new_key))

    def _compare(self, band: int, first: Rows, second: Rows) -> None:
        for begin in range(0, len(first), _PAIRS_AT_ONCE):
            a, b = first[begin : begin + _PAIRS_AT_ONCE], second[begin : begin + _PAIRS_AT_ONCE]
            small, large = self._sizes[a], self._sizes[b]
            comparable = np.minimum(small, large) >= self._threshold * np.maximum(small, large)
            a, b = a[comparable], b[comparable]
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
    keys.sort(kind="stable")  # two ascending runs: they are merged, which is much faster
    twice = keys[1:][keys[1:] == keys[:-1]] >> np.uint64(32)
    common = np.bincount(twice.astype(np.int64), minlength=pairs)
    total = lengths[:pairs] + lengths[pairs:]
    return np.asarray(common / (total - common), dtype=np.float64)
