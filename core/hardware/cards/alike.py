"""Which cards train together."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def how_many_together(cards: Sequence[tuple[str, int | None]]) -> int:
    """Return how many of these cards (name, memory) train together: all of them, or one.

    Unequal cards would wait for the slowest. PyTorch has NCCL, the fast way between cards, on Linux
    only.
    """
    alike = len(set(cards)) == 1
    return len(cards) if alike and sys.platform == "linux" else 1
