"""What judgements agree on, told before anything is learned from them.

A taste that shows in the length of an answer is learned from a hundred ratings; which answer is
right is not, since nothing in the answers themselves tells (``tests.campaigns.preferences``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from core.evaluation.intervals import Z95, wilson_interval
from core.language import Sentence, _
from core.training.preferences.judgement import Judgement

MANY = 300
"""With more judgements nothing is said: it was not tried what they teach."""


def taste_text(judgements: Sequence[Judgement]) -> Sentence | None:
    """Return what a person should know before few judgements are learned, ``None`` for nothing."""
    if not judgements or len(judgements) >= MANY:
        return None
    share, low, high = shorter_share(judgements)
    if low > 0.5:
        return _(
            "In {share:.0%} of the cases the better answer is the shorter one. Such a taste is "
            "learned from few ratings.",
            share=share,
        )
    if high < 0.5:
        return _(
            "In {share:.0%} of the cases the better answer is the longer one. Such a taste is "
            "learned from few ratings.",
            share=1 - share,
        )
    return _(
        "Your ratings do not follow the length of the answers. So few of them hardly teach a model "
        "which answers are right: in our own trial with about 100 nothing was gained. Corrected "
        "answers, added as examples, teach that better."
    )


def shorter_share(judgements: Sequence[Judgement]) -> tuple[float, float, float]:
    """Return how often the better answer is the shorter one, with its 95 % interval.

    Good and bad marks are compared each with each; their interval is that of the rank sum where
    both are alike (Mann and Whitney, 1947).
    """
    pairs = [(one.answer.text, one.other.text) for one in judgements if one.other is not None]
    signs = [_sign(better, worse) for better, worse in pairs]
    if decided := sum(sign != 0 for sign in signs):
        shorter = signs.count(1)
        return shorter / decided, *wilson_interval(shorter, decided)
    good, bad = ([one.answer.text for one in judgements if one.kind == k] for k in ("good", "bad"))
    if not good or not bad:
        return 0.5, 0.0, 1.0
    n, m = len(good), len(bad)
    share = 0.5 + sum(_sign(*both) for both in product(good, bad)) / (2 * n * m)
    half = Z95 * math.sqrt((n + m + 1) / (12 * n * m))
    return share, share - half, share + half


def _sign(better: str, worse: str) -> int:
    """1 where the first text is the shorter one, -1 where it is the longer one."""
    return (len(better) < len(worse)) - (len(better) > len(worse))
