"""Best-fit packing: whole examples laid end to end in one row instead of padded side by side.

Packing changes where tokens lie, not what is learned: positions restart at each example, attention
stays inside it (``cu_seqlens``), and its first token is never a target, because it would be
predicted from the neighbour before it.

Sources: packing without contamination between examples is from Krell et al., 2021, *Efficient
Sequence Packing without Cross-contamination*; best-fit decreasing is from Johnson, 1973,
*Near-optimal Bin Packing Algorithms*.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
import numpy.typing as npt

IGNORED = -100
"""The label of a token that is not trained, as transformers and torch have it."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One tokenised example.

    ``labels[i]`` is ``ids[i]`` where the model learns to write that token, else :data:`IGNORED`.
    """

    ids: Sequence[int] | Ints
    labels: Sequence[int] | Ints


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """One micro-batch of T tokens from n examples.

    Attributes:
        ids: [1, T] token numbers.
        position_ids: [1, T], counted from 0 in each example.
        labels: [1, T], not shifted (position i holds the label of token i).
        cu_seqlens: [n + 1] int32, where examples begin; the last entry is T.
        max_length: tokens of the longest example.
        places: where each example stood in the list that was packed; empty if there was none.
        weights: how often the loss of each example counts; empty for once.
    """

    ids: Ints
    position_ids: Ints
    labels: Ints
    cu_seqlens: npt.NDArray[np.int32]
    max_length: int
    places: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def trained_tokens(self) -> int:
        """How many tokens carry loss."""
        return int((self.labels != IGNORED).sum())

    def apart(self) -> list[PackedBatch]:
        """Return each example as a micro-batch of its own."""
        cuts = self.cu_seqlens.tolist()
        return [
            PackedBatch(
                ids=self.ids[:, begin:end],
                position_ids=self.position_ids[:, begin:end],
                labels=self.labels[:, begin:end],
                cu_seqlens=np.array([0, end - begin], np.int32),
                max_length=end - begin,
                weights=self.weights[place : place + 1],
            )
            for place, (begin, end) in enumerate(pairwise(cuts))
        ]

    def token_weights(self) -> Floats | None:
        """Return the weight of each trained token, in their order: [R]; ``None`` for all 1."""
        return np.asarray(self.weights)[self._owners()] if self.weights else None

    def by_example(self, losses: Floats) -> Floats:
        """Sum what each trained token has ([R], in their order) by example: [n]."""
        sums = np.bincount(self._owners(), weights=losses, minlength=len(self.cu_seqlens) - 1)
        return sums.astype(np.float64)

    def _owners(self) -> Ints:
        """Return the example of each trained token: [R]."""
        trained = np.flatnonzero(self.labels[0] != IGNORED)
        return np.searchsorted(self.cu_seqlens, trained, side="right") - 1


def pack(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Group examples into micro-batches by best-fit decreasing.

    The longest example is placed first, each into the fullest micro-batch that still holds it.
    The same lengths always give the same groups.

    Args:
        lengths: tokens of each example.
        capacity: tokens of a micro-batch. An example longer than this is not cut: it gets a
            micro-batch of its own.

    Returns:
        Micro-batches in the order in which they were opened; each lists its examples' indices in
        ascending order, and every index occurs exactly once.

    Raises:
        ValueError: ``capacity`` or one of the lengths is not positive.
    """
    if capacity < 1 or any(length < 1 for length in lengths):
        raise ValueError("lengths and capacity must be positive")
    groups: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (tokens left, group), ascending: bisect finds the best fit
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        length = lengths[index]
        at = bisect_left(room, (length, -1))
        left, group = room.pop(at) if at < len(room) else (capacity, len(groups))
        if group == len(groups):
            groups.append([])
        groups[group].append(index)
        insort(room, (left - length, group))
    return [sorted(group) for group in groups]


def spread(lengths: Sequence[int], capacity: int, ranks: int) -> list[list[int]]:
    """Group examples into micro-batches of even size, so that ``ranks`` processes end together.

    The number of micro-batches is a multiple of ``ranks``, the smallest with which all of them
    hold; the longest example is placed first, each into the emptiest micro-batch (Graham's LPT
    rule, 1969). The same lengths always give the same groups.

    Args:
        lengths: tokens of each example.
        capacity: tokens of a micro-batch; a longer example gets one of its own.
        ranks: how many processes share the micro-batches.

    Returns:
        As :func:`pack`; fewer than ``ranks`` micro-batches only where there are fewer examples.

    Raises:
        ValueError: ``capacity``, ``ranks`` or one of the lengths is not positive.
    """
    if min(capacity, ranks, *lengths, 1) < 1:
        raise ValueError("lengths, capacity and ranks must be positive")
    rounds = max(1, -(-sum(lengths) // (capacity * ranks)))
    while True:
        groups = _evenly(lengths, min(rounds * ranks, len(lengths)))
        if all(sum(lengths[i] for i in g) <= capacity or len(g) == 1 for g in groups):
            return groups
        rounds += 1


def _evenly(lengths: Sequence[int], count: int) -> list[list[int]]:
    """Fill ``count`` groups, each example going to the one with the fewest tokens."""
    groups: list[list[int]] = [[] for _ in range(count)]
    heap = [(0, group) for group in range(count)]
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        tokens, group = heappop(heap)
        groups[group].append(index)
        heappush(heap, (tokens + lengths[index], group))
    return [sorted(group) for group in groups]


def collate(
    rows: Sequence[Row], places: Sequence[int] = (), weights: Sequence[float] = ()
) -> PackedBatch:
    """Lay ``rows`` end to end: arrays [1, T] of int64; the rest is kept beside them.

    Raises:
        ValueError: there is no row, a row is empty, or its labels do not match its ids.
    """
    if not rows or any(not len(row.ids) or len(row.ids) != len(row.labels) for row in rows):
        raise ValueError("each row needs at least one token and one label for each token")
    lengths = [len(row.ids) for row in rows]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    labels = np.concatenate([np.asarray(row.labels, dtype=np.int64) for row in rows])
    labels[starts[:-1]] = IGNORED
    return PackedBatch(
        ids=np.concatenate([np.asarray(row.ids, dtype=np.int64) for row in rows])[None],
        position_ids=np.concatenate([np.arange(n, dtype=np.int64) for n in lengths])[None],
        labels=labels[None],
        cu_seqlens=starts.astype(np.int32),
        max_length=max(lengths),
        places=tuple(places),
        weights=tuple(weights),
    )
