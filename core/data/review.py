"""The guided review: some random examples, one by one, for mistakes and bias that no rule finds."""

from __future__ import annotations

import zlib
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from core.data.example import Example

REVIEW_ROWS = 20
_TRIES = 50  # draws for each wanted row; only a nearly exhausted set needs as many


def more_rows(
    kept: NDArray[np.int64], name: str, known: Collection[int], count: int = REVIEW_ROWS
) -> list[int]:
    """Return random rows of those that are kept and not ``known``, in ascending order.

    Fewer than ``count`` where there are not that many. Rows are drawn one by one, since shuffling a
    million would take longer than the window may be blocked.

    Args:
        name: the draft's name; the same draft is reviewed with the same rows.
    """
    seen, found = set(known), set[int]()
    dice = np.random.default_rng([zlib.crc32(name.encode()), len(seen)])
    if len(kept) <= _TRIES * count:
        rest = [row for row in kept.tolist() if row not in seen]
        order = dice.permutation(len(rest))[:count]
        return sorted(rest[place] for place in order.tolist())
    for place in dice.integers(len(kept), size=_TRIES * count).tolist():
        row = int(kept[place])
        if row not in seen and len(found) < count:
            found.add(row)
    return sorted(found)


def is_one_question(example: Example) -> bool:
    """Return whether the example is one question with its answer, both of which can be edited."""
    return [message.role for message in example.messages] == ["user", "assistant"]
