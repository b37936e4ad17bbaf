"""How far two raters agree beyond chance: Cohen's kappa with an interval and a word.

Cohen, *A coefficient of agreement for nominal scales*, 1960: (p - e) / (1 - e), where p is the
share of cases that both judged alike and e the share that would be alike by chance, given how often
each of them chose what. His interval takes e as known; here that of p is Wilson's, so that it does
not vanish where all cases agree. The words are those of Landis and Koch, *The measurement of
observer agreement for categorical data*, 1977.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.intervals import FEWEST, wilson_interval
from core.evaluation.rating.rating_session import RatingSession
from core.evaluation.rating.ratings import Ratings
from core.language import N_, Sentence, _, ngettext

_WORDS: tuple[tuple[float, str], ...] = (
    (0.0, N_("no agreement beyond chance")),
    (0.2, N_("slight agreement")),
    (0.4, N_("fair agreement")),
    (0.6, N_("moderate agreement")),
    (0.8, N_("substantial agreement")),
    (1.0, N_("almost perfect agreement")),
)
"""Up to which kappa each word holds."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two raters have in common.

    Attributes:
        one, other: their names, ``""`` where none was given.
        cases: how many both judged; ``same``: how many of these alike.
        kappa: ``None`` where both always said the same one thing, so that chance explains all.
        low, high: its 95 % interval.
    """

    one: str
    other: str
    cases: int
    same: int
    kappa: float | None
    low: float
    high: float

    @property
    def word(self) -> str:
        """The size of kappa in words."""
        if self.kappa is None or self.cases < FEWEST:
            return _("not enough to tell")
        kappa = round(self.kappa, 2)
        return _(next(word for most, word in _WORDS if kappa <= most))

    @property
    def sentence(self) -> Sentence:
        """The agreement in words."""
        known: dict[str, str | int] = {
            "one": self.one or _("Rater without a name"),
            "other": self.other or _("Rater without a name"),
            "same": self.same,
        }
        if self.kappa is None:
            return ngettext(
                "{one} and {other} judged {same:,} of {count:,} case alike: not enough to tell.",
                "{one} and {other} judged {same:,} of {count:,} cases alike: not enough to tell.",
                self.cases,
                **known,
            )
        return ngettext(
            "{one} and {other} judged {same:,} of {count:,} case alike: {word} "
            "(kappa {kappa:.2f}, {low:.2f} to {high:.2f}).",
            "{one} and {other} judged {same:,} of {count:,} cases alike: {word} "
            "(kappa {kappa:.2f}, {low:.2f} to {high:.2f}).",
            self.cases,
            **known,
            word=self.word,
            kappa=self.kappa,
            low=self.low,
            high=self.high,
        )


def agreements(ratings: Ratings, session: RatingSession) -> list[Agreement]:
    """Return how far this rater agrees with each of the others who judged the same cases."""
    mine = session.outcomes()
    found = []
    for other in ratings.of_others(session):
        theirs = other.outcomes()
        pairs = [(mine[case], theirs[case]) for case in mine if case in theirs]
        if pairs:
            found.append(agreement(pairs, session.rater, other.rater))
    return found


def agreement(pairs: Sequence[tuple[str, str]], one: str = "", other: str = "") -> Agreement:
    """Return the agreement of two raters on the same cases."""
    count, same = len(pairs), sum(a == b for a, b in pairs)
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(first[name] * second[name] for name in first) / (count * count)
    if chance >= 1:
        return Agreement(one, other, count, same, None, -1.0, 1.0)
    kappa, low, high = (
        (share - chance) / (1 - chance) for share in (same / count, *wilson_interval(same, count))
    )
    return Agreement(one, other, count, same, kappa, max(-1.0, low), high)
