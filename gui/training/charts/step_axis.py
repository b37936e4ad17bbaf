"""The horizontal axis of a plot: steps are counted, so their numbers have no fraction."""

from __future__ import annotations

import pyqtgraph as pg


class StepAxis(pg.AxisItem):
    """Numbers at whole places only where ``whole`` is set; minutes may be divided.

    Attributes:
        whole: the axis counts something.
    """

    whole = True

    def tickSpacing(self, *shown: float) -> list[tuple[float, float]]:
        """Return how far apart the long and the short marks are; the widest come first."""
        levels: list[tuple[float, float]] = super().tickSpacing(*shown)
        if not self.whole:
            return levels
        return [level for level in levels if float(level[0]).is_integer()] or [(1.0, 0.0)]
