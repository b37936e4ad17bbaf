"""The part of a plot that is looked at: all of it, or a piece that stands still. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

_SMALLEST_SHARE = 1e-4  # of the whole
_ROUNDING_SHARE = 1e-9  # zooming in and out again does not come back to the last bit


@dataclass
class ViewRange:
    """From ``low`` to ``high`` on the horizontal axis, as far as ``whole`` goes.

    Attributes:
        piece: what is looked at; ``None`` is all of it.
    """

    whole: tuple[float, float] = (0.0, 1.0)
    piece: tuple[float, float] | None = None

    @property
    def shown(self) -> tuple[float, float]:
        """What is looked at now."""
        return self.piece or self.whole

    def grow(self, low: float, high: float) -> None:
        """Tell how far the data go."""
        self.whole = (low, max(high, low + 1e-9))

    def look_at(self, one: float, other: float) -> None:
        """Look at the piece between two points."""
        low, high = sorted((one, other))
        first, last = self.whole
        smallest = (last - first) * _SMALLEST_SHARE
        if high - low < smallest:
            return
        slack = (last - first) * _ROUNDING_SHARE
        if low <= first + slack and high >= last - slack:
            self.piece = None
        else:
            self.piece = (max(low, first), min(high, last))

    def zoom(self, factor: float, around: float) -> None:
        """Show a stretch ``factor`` times as long that keeps ``around`` in its place."""
        low, high = self.shown
        around = min(max(around, low), high)
        self.look_at(around - (around - low) * factor, around + (high - around) * factor)

    def reveal(self, x: float) -> None:
        """Move the piece so that ``x`` lies in it."""
        if self.piece is None:
            return
        low, high = self.piece
        move = min(0.0, x - low) + max(0.0, x - high)
        self.piece = (low + move, high + move)

    def reset(self) -> None:
        """Look at all of it."""
        self.piece = None
