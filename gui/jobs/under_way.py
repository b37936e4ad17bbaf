"""What the jobs of pages are doing right now, for the side of the window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QObject, Signal

from core.wizard import Step


@dataclass(frozen=True, slots=True)
class Work:
    """A job that a page follows.

    Attributes:
        step: of the page.
        phase: what it is doing, as the page says it.
        share: how far this phase is, from 0 to 1; ``None`` while that is unknown.
    """

    step: Step
    phase: str
    share: float | None = None


class UnderWay(QObject):
    """The jobs of all pages.

    Attributes:
        changed: another page is busy, or one of them with something else.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._work: dict[Step, Work] = {}

    def tell(self, work: Work) -> None:
        """The page of this step is busy with ``work``."""
        if self._work.get(work.step) != work:
            self._work[work.step] = work
            self.changed.emit()

    def forget(self, step: Step) -> None:
        """The page of this step is busy no longer."""
        if self._work.pop(step, None) is not None:
            self.changed.emit()

    def all_work(self) -> tuple[Work, ...]:
        """Return the jobs in the order of the wizard."""
        return tuple(self._work[step] for step in Step if step in self._work)


@cache
def under_way() -> UnderWay:
    """Return the one that pages tell and the window shows."""
    return UnderWay()
