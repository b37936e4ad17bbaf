"""Training, validation and test parts that share nothing: no copy and no question crosses.

Rows that belong together (copies, near copies, the same question) form a group, and a whole group
goes to one part. The test part is frozen: what was in it stays in it in later versions, so that
scores remain comparable.
"""

from __future__ import annotations

from collections.abc import Set
from math import ceil

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

TRAIN, VALIDATION, TEST = range(3)
_ENOUGH_FOR_TEST = 40
_LARGEST_HELD_GROUP = 0.1

PartCodes = NDArray[np.uint8]


class SplitOptions(BaseModel):
    """How to split.

    Attributes:
        held_out: share of the examples that the model never trains on.
        seed: the same seed gives the same split.
    """

    model_config = ConfigDict(frozen=True)

    held_out: float = Field(default=0.15, ge=0.0, le=0.5)
    seed: int = 0


def split(
    groups: NDArray[np.int64],
    strata: NDArray[np.int64],
    options: SplitOptions,
    frozen: NDArray[np.bool_] | None = None,
) -> PartCodes:
    """Return the part of each row: ``TRAIN``, ``VALIDATION`` or ``TEST``.

    Args:
        groups: label of each row's group; a group never crosses.
        strata: code of each row's task; every task is represented in every part if it can be.
        frozen: rows that were in the test part of an earlier version; their groups are the test
            part again, so that scores stay comparable. Where fewer than 20 are left, others are
            drawn beside them.
    """
    parts = np.zeros(len(groups), dtype=np.uint8)
    if not len(groups):
        return parts
    order = _Groups(groups, strata)
    held = _choose(order, options)
    code = np.zeros(order.count, dtype=np.uint8)
    code[held] = VALIDATION
    has_test = order.sizes[held].sum() >= _ENOUGH_FOR_TEST
    if has_test:
        code[_every_second(order, held)] = TEST
    if frozen is not None and frozen.any():
        fixed = order.containing(frozen)
        if frozen.sum() >= _ENOUGH_FOR_TEST // 2:
            _freeze(code, order, options, fixed)
        else:  # too few for a test part of their own: they are only kept out of training
            code[fixed] = TEST if has_test else VALIDATION
    parts[:] = code[order.index]
    return parts


def _freeze(
    code: PartCodes, order: _Groups, options: SplitOptions, fixed: NDArray[np.bool_]
) -> None:
    """Make ``fixed`` the test part, in place; what else was drawn for it may be validation.

    Where ``fixed`` is what was drawn anyway, nothing changes.
    """
    spare = np.flatnonzero((code == TEST) & ~fixed)
    code[spare] = TRAIN
    code[fixed] = TEST
    total, frozen = int(order.sizes.sum()), int(order.sizes[fixed].sum())
    wanted = max(options.held_out / 2 * total, options.held_out * total - frozen)
    missing = wanted - order.sizes[code == VALIDATION].sum()
    spare = np.random.default_rng(options.seed).permutation(spare)
    code[spare[np.cumsum(order.sizes[spare]) <= missing]] = VALIDATION


def expected_counts(examples: int, options: SplitOptions) -> dict[str, int]:
    """Return about how many examples each part will get (groups may shift it a little)."""
    held = round(options.held_out * examples)
    test = held // 2 if held >= _ENOUGH_FOR_TEST else 0
    return {"train": examples - held, "validation": held - test, "test": test}


class _Groups:
    """The groups in the order of their first rows, with their sizes and tasks."""

    def __init__(self, labels: NDArray[np.int64], strata: NDArray[np.int64]) -> None:
        _, first, index = np.unique(labels, return_index=True, return_inverse=True)
        self.index = index.reshape(-1)
        self.count = len(first)
        self.sizes = np.bincount(self.index, minlength=self.count)
        self.strata = strata[first]

    def containing(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which groups contain one of the marked rows."""
        return np.bincount(self.index, weights=rows, minlength=self.count) > 0


def _choose(order: _Groups, options: SplitOptions) -> NDArray[np.int64]:
    """Return held-out groups, drawn from every task in proportion, in random order.

    What one task cannot give because it is small or its groups are large, the next ones give.
    """
    rng = np.random.default_rng(options.seed)
    shuffled = rng.permutation(order.count)
    shuffled = shuffled[np.argsort(order.strata[shuffled], kind="stable")]
    borders = np.flatnonzero(np.diff(order.strata[shuffled])) + 1
    chosen: list[NDArray[np.int64]] = []
    owed = 0.0
    for mine in np.split(shuffled, borders):
        own = options.held_out * int(order.sizes[mine].sum())
        picked = _within(order, mine, min(round(own + owed), ceil(2 * own)))
        owed += own - int(order.sizes[picked].sum())
        chosen.append(picked)
    held = np.concatenate(chosen).astype(np.int64)
    if not len(held) and options.held_out > 0 and order.count > 1:
        return shuffled[np.argsort(order.sizes[shuffled], kind="stable")][:1]
    return held


def _within(order: _Groups, mine: NDArray[np.int64], target: int) -> NDArray[np.int64]:
    """Return groups with at most ``target`` rows together, small ones where they suffice."""
    sizes = order.sizes[mine]
    small = mine[sizes <= max(1, _LARGEST_HELD_GROUP * target)]
    pool = small if order.sizes[small].sum() >= target else mine[sizes <= target]
    return pool[np.cumsum(order.sizes[pool]) <= target]


def _every_second(order: _Groups, held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return about half of the held-out rows' groups, from every task."""
    place = np.argsort(order.strata[held], kind="stable")
    ordered = held[place]
    before = np.cumsum(order.sizes[ordered]) - order.sizes[ordered]
    return ordered[before % 2 == 1] if (order.sizes == 1).all() else _halved(order, ordered)


def _halved(order: _Groups, ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each group to the part that has fewer rows so far."""
    test, balance = [], 0
    for group in ordered:
        size = int(order.sizes[group])
        if balance > 0:
            test.append(group)
            balance -= size
        else:
            balance += size
    return np.array(test, dtype=np.int64)


def frozen_rows(keys: NDArray[np.uint64], frozen_keys: Set[int]) -> NDArray[np.bool_]:
    """Return which rows were in an earlier test part.

    Args:
        keys: hashes that identify each row, shape ``[rows, …]``; one of them is enough.
        frozen_keys: hashes of the earlier test parts.
    """
    known = np.isin(keys, np.fromiter(frozen_keys, dtype=np.uint64))
    return np.asarray(known.reshape(len(keys), -1).any(axis=1), dtype=np.bool_)
