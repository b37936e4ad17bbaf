"""What the jobs of pages are doing right now, for the side of the window."""

from __future__ import annotations

from dataclasses import dataclass

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


_WORK: dict[Step, Work] = {}


def tell(work: Work) -> None:
    """The page of this step is busy with ``work``."""
    _WORK[work.step] = work


def forget(step: Step) -> None:
    """The page of this step is busy no longer."""
    _WORK.pop(step, None)


def work_under_way() -> tuple[Work, ...]:
    """Return the jobs of all pages, in the order of the wizard."""
    return tuple(_WORK[step] for step in Step if step in _WORK)
