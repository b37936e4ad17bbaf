"""A question that a page asks before it does what its primary button says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Asked once, above the page.

    Attributes:
        what: what is to be decided, one sentence.
        todo: why it matters.
        answers: each a verb and what it does; the first is the one that does no harm.
    """

    what: str
    todo: str
    answers: tuple[tuple[str, Callable[[], None]], ...]
