"""Notice when Windows lends the card memory of the computer: nothing fails, everything crawls.

The Windows driver does not refuse memory that the card lacks. It moves some of it to the computer's
own, and every step that touches it takes several times longer. The times of the steps tell.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from core.events import Notice
from core.language import _

_WARM_UP = 2  # first steps compile and allocate
_REFERENCE = 8  # steps that show how fast the card is
_LATELY = 4  # steps in a row that must all be slow
_JUMP = 2.5


def jumped(seconds_per_token: Sequence[float]) -> float:
    """Return how many times slower the last steps are than the first, 0 if they are not.

    One slow step, a slow start or a slow decline is no jump: all of the last four must take at
    least two and a half times the median of the first steady ones.
    """
    steady = seconds_per_token[_WARM_UP:]
    if len(steady) < _REFERENCE + _LATELY:
        return 0.0
    usual = statistics.median(steady[:_REFERENCE])
    slow = min(steady[-_LATELY:])
    return slow / usual if slow > _JUMP * usual else 0.0


@dataclass
class StepTimes:
    """The times of a run's steps; warns once."""

    _times: list[float] = field(default_factory=list)
    _way: Hashable = None
    _told: bool = False

    def after_step(self, seconds: float, tokens: int, way: Hashable) -> Notice | None:
        """Return a warning if the card now borrows memory.

        Args:
            way: what the run spends memory on; only steps that did so alike are compared.
        """
        if way != self._way:
            self._times, self._way = [], way
        self._times.append(seconds / max(1, tokens))
        times = 0.0 if self._told else jumped(self._times)
        if not times:
            return None
        self._told = True
        return Notice(
            level="warning",
            code="training.borrowed_memory",
            text=_(
                "Each step suddenly takes {times:.1f} times as long. The card's memory is probably "
                "full, so Windows lends it some of the computer's memory, which is much slower.",
                times=times,
            ),
            todo=_(
                "Close other programs that use the graphics card. If that does not help, stop this "
                "run and start a new one with a smaller value for “Tokens at once”."
            ),
        )


def watched(device: str) -> StepTimes | None:
    """Return what watches the steps where memory is lent silently, else ``None``."""
    return StepTimes() if sys.platform == "win32" and device != "cpu" else None
