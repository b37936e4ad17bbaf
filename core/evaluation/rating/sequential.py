"""When a series of judgements may end early, and what it proves then.

Whoever may stop as soon as a test says "better" is told so far too often where nothing is better:
each look at the result is another chance. So the error of 5 % is spent over the looks, little at
first (Lan and DeMets, *Discrete sequential boundaries for clinical trials*, 1983, with the power
family of Kim and DeMets, *Design and analysis of group sequential tests*, 1987, here of degree 2:
after a share t of the questions 0.05 * t² may have been spent). How much each look really spends
is computed exactly: at even odds the wins of a series that has not ended are a sum of coin throws,
of which those that ended it are taken away at each look.

The interval at a look is Wilson's, as wide as the boundary of that look is strict; what all looks
so far leave together holds the truth at least as often as it says (repeated confidence intervals:
Jennison and Turnbull, *Interim analyses: the repeated confidence interval approach*, 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LOOK_EVERY = 10
"""After so many judgements it is looked whether they decide."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Look:
    """What is there at one look.

    Attributes:
        judged: how many questions were judged, ties among them.
        decided: how many were decided.
        wins: how many of these the fine-tune won.
    """

    judged: int
    decided: int
    wins: int


def looks_of(outcomes: Sequence[str]) -> list[Look]:
    """Return the looks at a series of judgements: after every ten, and at its end.

    Args:
        outcomes: ``tuned`` and ``base`` are decided, anything else is not.
    """
    found, decided, wins = [], 0, 0
    for judged, outcome in enumerate(outcomes, 1):
        decided += outcome in ("tuned", "base")
        wins += outcome == "tuned"
        if judged % LOOK_EVERY == 0 or judged == len(outcomes):
            found.append(Look(judged, decided, wins))
    return found


def boundaries(looks: Sequence[Look], planned: int, error: float) -> list[int]:
    """Return how many wins (or losses) end the series at each look.

    Args:
        planned: how many questions there are.
        error: how often a series at even odds may end with a verdict, both ways together.
    """
    alive: _Floats = np.ones(1)  # how likely each number of wins is without a verdict so far
    before, spent, found = 0, 0.0, []
    for look in looks:
        for _throw in range(look.decided - before):
            alive = np.append(alive, 0.0) / 2 + np.insert(alive, 0, 0.0) / 2
        before = look.decided
        allowed = error * min(1.0, look.judged / max(planned, 1)) ** 2
        needed = look.decided + 1
        while needed - 1 > look.decided / 2:
            both = float(alive[needed - 1] + alive[look.decided - needed + 1])
            if spent + both > allowed:
                break
            spent += both
            needed -= 1
        alive[needed:] = 0.0
        alive[: look.decided - needed + 1] = 0.0
        found.append(needed)
    return found


def strictness(needed: int, decided: int, least: float) -> float:
    """Return the normal quantile with which Wilson's interval leaves even odds at ``needed`` wins.

    Args:
        least: the quantile of a single look, which more looks never fall below.
    """
    if decided == 0:
        return least
    just_not = (2 * (needed - 1) - decided) / math.sqrt(decided)
    return max(least, just_not + 1e-9)
