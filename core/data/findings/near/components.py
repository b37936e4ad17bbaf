"""Groups of rows that belong together, as labels: each row's label is its group's first row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def singletons(rows: int) -> Labels:
    """Return labels with every row in a group of its own."""
    return np.arange(rows, dtype=np.int64)


def unite(labels: Labels, first: NDArray[Any], second: NDArray[Any]) -> None:
    """Join, in place, the groups of ``first[n]`` and ``second[n]`` for every ``n``."""
    hook(labels, first, second)
    flatten(labels)


def hook(labels: Labels, first: NDArray[Any], second: NDArray[Any]) -> None:
    """Like :func:`unite`, but labels may point at another row on the way to the group's first.

    For many small steps, to be read with :func:`roots` and ended with :func:`flatten`.
    """
    while len(first):
        mine, other = roots(labels, first), roots(labels, second)
        differ = mine != other
        if not differ.any():
            return
        first, second = first[differ], second[differ]
        mine, other = mine[differ], other[differ]
        np.minimum.at(labels, np.maximum(mine, other), np.minimum(mine, other))


def roots(labels: Labels, rows: NDArray[Any]) -> Labels:
    """Return the first row of each row's group; remembers it in ``labels``."""
    found = peek(labels, rows)
    labels[rows] = found
    return found


def peek(labels: Labels, rows: NDArray[Any]) -> Labels:
    """Like :func:`roots`, but writes nothing: safe beside another thread that joins groups."""
    found: Labels = labels[rows]
    while True:
        further = labels[found]
        if np.array_equal(further, found):
            return found
        found = further


def flatten(labels: Labels) -> None:
    """Make every label, in place, the first row of its group."""
    while True:
        further = labels[labels]
        if np.array_equal(further, labels):
            return
        labels[:] = further


def unite_equal(labels: Labels, keys: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
    """Join, in place, those of ``rows`` that have the same non-zero key (``keys[row]``)."""
    rows = rows[keys[rows] != 0]
    ordered = rows[np.argsort(keys[rows], kind="stable")]
    same = keys[ordered[1:]] == keys[ordered[:-1]]
    unite(labels, ordered[:-1][same], ordered[1:][same])


def first_of_equal(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each row the first row with the same key; for key 0 the row itself."""
    order = np.argsort(keys, kind="stable").astype(np.int64)
    ordered = keys[order]
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = (ordered[1:] != ordered[:-1]) | (ordered[1:] == 0)
    first = np.empty(len(keys), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(np.where(begins, np.arange(len(keys)), 0))]
    return first
