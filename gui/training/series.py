"""Points of a curve that grow by one at a time and are drawn without being copied. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_FIRST_CAPACITY = 256


class Series:
    """Points in order of ``x``, in buffers that double when they are full.

    ``x`` and ``y`` are views: valid until the next ``add``, never to be written to.
    """

    def __init__(self) -> None:
        self._buffer = np.empty((2, _FIRST_CAPACITY))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Numbers:
        """Where the points are."""
        return self._buffer[0, : self._count]

    @property
    def y(self) -> Numbers:
        """What was measured there."""
        return self._buffer[1, : self._count]

    def copy(self) -> Series:
        """Return the points as they are now, for another thread."""
        made = Series()
        made._buffer, made._count = self._buffer[:, : self._count].copy(), self._count
        return made

    def add(self, x: float, y: float) -> None:
        """Append one point."""
        if self._count == self._buffer.shape[1]:
            self._buffer = np.concatenate((self._buffer, np.empty_like(self._buffer)), axis=1)
        self._buffer[0, self._count] = x
        self._buffer[1, self._count] = y
        self._count += 1

    def cut_after(self, x: float) -> None:
        """Drop the points beyond ``x``."""
        self._count = int(np.searchsorted(self.x, x, side="right"))

    def between(self, low: float, high: float) -> tuple[Numbers, Numbers]:
        """Return the points from ``low`` to ``high`` and one on either side of them."""
        first = max(0, int(np.searchsorted(self.x, low)) - 1)
        last = int(np.searchsorted(self.x, high, side="right")) + 1
        return self.x[first:last], self.y[first:last]

    def nearest(self, x: float) -> int:
        """Return the place of the point nearest to ``x``; there must be one."""
        after = int(np.searchsorted(self.x, x))
        if after == 0:
            return 0
        if after == self._count:
            return after - 1
        before = after - 1
        return before if x - self.x[before] <= self.x[after] - x else after


def thinned(x: Numbers, y: Numbers, columns: int) -> tuple[Numbers, Numbers]:
    """Return the lowest and the highest point of each of ``columns`` equal shares.

    A screen with that many pixel columns shows them like all points; peaks are never lost. A few
    points are returned as they are.
    """
    share = len(x) // max(1, columns)
    if share < 4:
        return x, y
    whole = len(x) - len(x) % share
    rows = y[:whole].reshape(-1, share)
    starts = np.arange(0, whole, share)
    picked = np.stack((rows.argmin(axis=1) + starts, rows.argmax(axis=1) + starts), axis=1)
    picked.sort(axis=1)
    places = np.concatenate((picked.ravel(), np.arange(whole, len(x))))
    return x[places], y[places]
