"""The guided review: some random examples, one by one, for mistakes and bias that no rule finds."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

REVIEW_ROWS = 20


def rows_to_review(
    kept: NDArray[np.int64], name: str, count: int = REVIEW_ROWS
) -> NDArray[np.int64]:
    """Return random rows of those that are kept, in ascending order.

    Args:
        name: the draft's name; the same draft is reviewed with the same rows.
    """
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    chosen = rng.choice(kept, size=min(count, len(kept)), replace=False)
    return np.sort(chosen)
