"""How sure a difference is: intervals from the same examples, drawn again many times.

Both models are measured on the same examples, so an example that is drawn again brings both of its
values along (the paired bootstrap: Efron, *Bootstrap methods*, 1979; for scores over a whole
corpus: Koehn, *Statistical significance tests for machine translation evaluation*, 2004). A fixed
seed makes the same examples give the same interval.

Percentiles of a bootstrap are too narrow for few examples. They are widened as Hesterberg, *What
teachers should know about the bootstrap*, 2015, shows (the *expanded percentile interval*): a
two-sided share a of a t distribution with n - 1 degrees of freedom, which misses the factor
sqrt(n / (n - 1)), becomes the share 2 * Phi(-sqrt(n / (n - 1)) * t(a / 2, n - 1)).

Shares of right answers are different: where all examples agree, nothing that is drawn again can
differ. They get the score interval of Tango, *Equivalence test and confidence interval for the
difference in proportions for the paired-sample design*, 1998.

An interval that is looked at beside k - 1 others is asked for at 1 - 0.05 / k before anything is
called better or worse (Dunn, *Multiple comparisons among means*, 1961).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from core.jobs.scores import Word

Floats = npt.NDArray[np.float64]

FEWEST = 8
"""With fewer examples nothing is called better, worse or equal."""
TOGETHER = 9
"""So many differences an evaluation looks at together: six scores on unseen examples, two of
everyday questions, and invented facts."""
LEVEL = 0.95
Z95 = 1.959963984540054  # the normal quantile of a 95 % interval
_RESAMPLES = 10_000
_AT_ONCE = 2_000_000  # drawn examples that are held in memory together
_SEED = 20_150_101
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A change with its 95 % interval, and the wider one that decides the word."""

    low: float
    high: float
    strict_low: float
    strict_high: float

    def word(self, margin: float, *, lower_is_better: bool = False, enough: bool = True) -> Word:
        """Return what the interval says.

        Args:
            margin: the smallest change that matters: where the interval holds 0 and no larger
                change, no difference was found; where it holds both, there is not enough to tell.
            enough: whether there were enough examples for any word but *unknown*.
        """
        if not enough:
            return "unknown"
        if self.strict_low > 0 or self.strict_high < 0:
            return "better" if (self.strict_low > 0) != lower_is_better else "worse"
        return "none" if -margin <= self.low and self.high <= margin else "unknown"


def drawn(count: int) -> Iterator[Floats]:
    """Yield how often each of ``count`` examples is drawn, many resamples [some, count] at once."""
    if count * _RESAMPLES <= _AT_ONCE:
        yield _drawn_at_once(count)
        return
    chance = np.random.default_rng(_SEED)
    shares = np.full(count, 1 / count)
    step = max(1, _AT_ONCE // count)
    for first in range(0, _RESAMPLES, step):
        size = min(step, _RESAMPLES - first)
        yield chance.multinomial(count, shares, size=size).astype(np.float64)


@lru_cache(maxsize=2)
def _drawn_at_once(count: int) -> Floats:
    chance = np.random.default_rng(_SEED)
    return chance.multinomial(count, np.full(count, 1 / count), _RESAMPLES).astype(np.float64)


def of_resamples(changes: Floats, count: int, compared: int = 1) -> Interval:
    """Return the interval of a change from its value in each resample of ``count`` examples.

    Args:
        compared: how many changes are looked at together.
    """
    ends = []
    for level in (LEVEL, 1 - (1 - LEVEL) / compared):
        tail = _expanded(level, count)
        ends += [float(end) for end in np.quantile(changes, [tail, 1 - tail])]
    return Interval(*ends)


def of_mean(changes: Floats, compared: int = 1) -> Interval:
    """Return the interval of the mean of one change for each example [n]."""
    means = np.concatenate([weights @ changes / len(changes) for weights in drawn(len(changes))])
    return of_resamples(means, len(changes), compared)


def of_shares(gained: int, lost: int, count: int, compared: int = 1) -> Interval:
    """Return the interval of a change of a share.

    Args:
        gained: how many of ``count`` examples only the fine-tune got right.
        lost: how many only the other model got right.
    """
    change = (gained - lost) / count
    ends = []
    for level in (LEVEL, 1 - (1 - LEVEL) / compared):
        most = _NORMAL.inv_cdf((1 + level) / 2)
        for end in (-1.0, 1.0):
            near, far = change, end
            for _step in range(50):
                middle = (near + far) / 2
                inside = abs(_score(gained, lost, count, middle)) <= most
                near, far = (middle, far) if inside else (near, middle)
            ends.append(float(near))
    return Interval(*ends)


def _score(gained: int, lost: int, count: int, change: float) -> float:
    """Return by how many standard errors the change that was found differs from ``change``."""
    b = (2 * count - gained + lost) * change - gained - lost
    c = -lost * change * (1 - change)
    rare = (math.sqrt(max(0.0, b * b - 8 * count * c)) - b) / (4 * count)
    spread = count * (2 * rare + change * (1 - change))
    far = gained - lost - count * change
    if spread <= 0:
        return math.copysign(math.inf, far) if far else 0.0
    return far / math.sqrt(spread)


@cache
def _expanded(level: float, count: int) -> float:
    """Return the share of resamples that lie beyond each end of the interval."""
    if count < 2:
        return 0.0
    wide = math.sqrt(count / (count - 1)) * t_quantile((1 + level) / 2, count - 1)
    return _NORMAL.cdf(-wide)


def wilson_interval(wins: int, decided: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share; (0, 1) when nothing was decided.

    Wilson, *Probable inference, the law of succession, and statistical inference*, 1927. With the
    share p of n: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    """
    if decided == 0:
        return 0.0, 1.0
    share = wins / decided
    spread = z / (1 + z * z / decided)
    middle = (share + z * z / (2 * decided)) / (1 + z * z / decided)
    half = spread * math.sqrt(share * (1 - share) / decided + z * z / (4 * decided * decided))
    return max(0.0, middle - half), min(1.0, middle + half)


def t_quantile(share: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution.

    Found by bisection in its distribution function:
    the incomplete beta function by Lentz's continued fraction (*Numerical recipes*, 6.4).
    """
    low, high = 0.0, 1e4
    for _step in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_below(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def _t_below(value: float, freedom: int) -> float:
    """Return the share of a t distribution below ``value`` (not negative)."""
    x = freedom / (freedom + value * value)
    return 1 - 0.5 * _incomplete_beta(x, freedom / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logs + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 300):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / (1 + step * d)
            c = 1 + step / c
            total *= d * c
        if abs(d * c - 1) < 1e-12:
            break
    return front * total
