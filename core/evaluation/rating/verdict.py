"""What a series of blind judgements proves: an exact test, an interval and one sentence.

Ties say nothing about which model is better, so the test counts only the decided questions (the
sign test). The interval is Wilson's, for the share of decided questions that the tuned model won.
A series that may end early is judged by :mod:`core.evaluation.rating.sequential`, of which a single
look at the end is that sign test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.evaluation.intervals import Z95, wilson_interval
from core.evaluation.rating.sequential import Look, boundaries, looks_of, strictness
from core.language import N_, _

Outcome = Literal["better", "probably_better", "not_enough", "probably_worse", "worse"]

_SURE = 0.01  # two-sided p below which the word "probably" is dropped
_PROBABLE = 0.05
# Translators: {counts} says how often each model won, {low} and {high} are percentages.
_SENTENCES: dict[Outcome, str] = {
    "better": N_("{counts}: yours is better (it would win {low}–{high}% of clear decisions)."),
    "probably_better": N_(
        "{counts}: yours is probably better (it would win {low}–{high}% of clear decisions)."
    ),
    "not_enough": N_(
        "{counts}: not enough to tell (yours would win {low}–{high}% of clear decisions)."
    ),
    "probably_worse": N_(
        "{counts}: yours is probably worse (it would win {low}–{high}% of clear decisions)."
    ),
    "worse": N_("{counts}: yours is worse (it would win {low}–{high}% of clear decisions)."),
}
# Translators: {counts} says how often each won, {mine} is the name of one fine-tune.
_BY_NAME: dict[Outcome, str] = {
    "better": N_("{counts}: “{mine}” is better (it would win {low}–{high}% of clear decisions)."),
    "probably_better": N_(
        "{counts}: “{mine}” is probably better (it would win {low}–{high}% of clear decisions)."
    ),
    "not_enough": N_(
        "{counts}: not enough to tell (“{mine}” would win {low}–{high}% of clear decisions)."
    ),
    "probably_worse": N_(
        "{counts}: “{mine}” is probably worse (it would win {low}–{high}% of clear decisions)."
    ),
    "worse": N_("{counts}: “{mine}” is worse (it would win {low}–{high}% of clear decisions)."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of blind rating.

    Attributes:
        low, high: 95 % interval of the share of decided questions that the tuned model wins.
        p_value: two-sided, of the question "as good as each other?".
        settled: after how many judgements that was decided, 0 if it was not.
        mine, other: names of two fine-tunes; ``""`` where one of them is the base model.
    """

    tuned_wins: int
    base_wins: int
    ties: int
    both_bad: int
    outcome: Outcome
    low: float
    high: float
    p_value: float
    settled: int = 0
    mine: str = ""
    other: str = ""

    @property
    def sentence(self) -> str:
        """The result in words, with its interval."""
        decided = self.tuned_wins + self.base_wins
        if decided + self.ties + self.both_bad == 0:
            return _("Nothing has been rated yet.")
        counts = self._counts()
        if decided == 0:
            return _("{counts}: not enough to tell.", counts=counts)
        low, high = round(100 * self.low), round(100 * self.high)
        if self.mine:
            words = _BY_NAME[self.outcome]
            return _(words, counts=counts, mine=self.mine, low=low, high=high)
        return _(_SENTENCES[self.outcome], counts=counts, low=low, high=high)

    def _counts(self) -> str:
        if self.mine:
            return _(
                "“{mine}” won {tuned:,}, “{other}” {base:,}, ties {ties:,}, both bad {bad:,}",
                mine=self.mine,
                other=self.other,
                tuned=self.tuned_wins,
                base=self.base_wins,
                ties=self.ties,
                bad=self.both_bad,
            )
        if not self.both_bad:
            return _(
                "Yours won {tuned:,}, base {base:,}, ties {ties:,}",
                tuned=self.tuned_wins,
                base=self.base_wins,
                ties=self.ties,
            )
        return _(
            "Yours won {tuned:,}, base {base:,}, ties {ties:,}, both bad {bad:,}",
            tuned=self.tuned_wins,
            base=self.base_wins,
            ties=self.ties,
            bad=self.both_bad,
        )


def judge(tuned_wins: int, base_wins: int, ties: int = 0, both_bad: int = 0) -> Verdict:
    """Return what the counts prove."""
    p_value = sign_test(tuned_wins, base_wins)
    low, high = wilson_interval(tuned_wins, tuned_wins + base_wins)
    return Verdict(
        tuned_wins=tuned_wins,
        base_wins=base_wins,
        ties=ties,
        both_bad=both_bad,
        outcome=_outcome(tuned_wins, base_wins, p_value),
        low=low,
        high=high,
        p_value=p_value,
    )


def judge_series(outcomes: Sequence[str], planned: int) -> Verdict:
    """Return what a series of judgements proves that may have ended early.

    Args:
        outcomes: ``tuned``, ``base``, ``tie`` or ``both_bad``, in the order of the judgements.
        planned: how many questions there are.
    """
    counts = [sum(one == name for one in outcomes) for name in ("tuned", "base", "tie", "both_bad")]
    verdict = judge(*counts)
    looks = looks_of(outcomes)
    probable, sure = (boundaries(looks, planned, error) for error in (_PROBABLE, _SURE))
    low, high = _left_by_all(looks, probable)
    first = next((n for n, one in enumerate(looks) if _crossed(one, probable[n])), None)
    outcome: Outcome = "not_enough"
    if first is not None:
        certain = any(_crossed(one, wins) for one, wins in zip(looks, sure, strict=True))
        better = 2 * looks[first].wins > looks[first].decided
        outcome = _named(better=better, certain=certain)
    return replace(
        verdict,
        outcome=outcome,
        low=low,
        high=high,
        settled=0 if first is None else looks[first].judged,
    )


def _crossed(look: Look, needed: int) -> bool:
    return max(look.wins, look.decided - look.wins) >= needed


def _left_by_all(looks: Sequence[Look], needed: Sequence[int]) -> tuple[float, float]:
    """Return what the intervals of all looks have in common; the last one where that is nothing."""
    low, high = 0.0, 1.0
    own = (0.0, 1.0)
    for look, wins in zip(looks, needed, strict=True):
        own = wilson_interval(look.wins, look.decided, strictness(wins, look.decided, Z95))
        low, high = max(low, own[0]), min(high, own[1])
    return (low, high) if low <= high else own


def sign_test(wins: int, losses: int) -> float:
    """Return the exact two-sided p value of ``wins`` against ``losses`` at even odds.

    The sign test without ties (Dixon and Mood, *The statistical sign test*, 1946): twice the
    binomial probability of a result at least as lopsided, at most 1.
    """
    decided = wins + losses
    tail = sum(math.comb(decided, k) for k in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / (1 << decided))


def _outcome(wins: int, losses: int, p_value: float) -> Outcome:
    if p_value >= _PROBABLE:
        return "not_enough"
    if wins > losses:
        return _named(better=True, certain=p_value < _SURE)
    return _named(better=False, certain=p_value < _SURE)


def _named(*, better: bool, certain: bool) -> Outcome:
    if better:
        return "better" if certain else "probably_better"
    return "worse" if certain else "probably_worse"
