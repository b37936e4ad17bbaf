"""How much worse is worse: a word for a loss, by its size and its interval.

Only a loss whose interval excludes no loss gets a word at all. The thresholds, and why:

==================== ============== ============== ===================================
measure              clearly, from  much, from     what that is
==================== ============== ============== ===================================
everyday_perplexity  ratio 1.5      ratio 3        a token becomes a third less likely,
                                                   or two thirds (perplexity is one over
                                                   the mean likelihood of a token)
everyday             10 points      30 points      one question in ten that was answered
                                                   right is not any more, or three
==================== ============== ============== ===================================

*Much* also asks that the end of the interval that is nearest to no loss is itself a clear loss.
"""

from __future__ import annotations

from typing import Literal

from core.jobs.scores import Difference

Grade = Literal["slightly_worse", "clearly_worse", "much_worse"]
THRESHOLDS: dict[str, tuple[float, float]] = {
    "everyday_perplexity": (0.5, 2.0),  # after / before - 1
    "everyday": (0.1, 0.3),  # before - after
}
_ROUNDING = 1e-9


def grade(found: Difference) -> str:
    """Return how much worse, or the word of a difference that is not worse.

    Raises:
        KeyError: the measure has no thresholds.
    """
    if found.word != "worse":
        return found.word
    clear, much = THRESHOLDS[found.measure]
    loss, least = _losses(found)
    if loss < clear - _ROUNDING:
        return "slightly_worse"
    certain = loss >= much - _ROUNDING and least >= clear - _ROUNDING
    return "much_worse" if certain else "clearly_worse"


def _losses(found: Difference) -> tuple[float, float]:
    """Return the loss, and the smallest one that the interval holds."""
    if found.measure == "everyday_perplexity":
        return (found.after / found.before - 1 if found.before else 0.0), found.low
    return found.before - found.after, -found.high
