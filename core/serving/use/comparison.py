"""Two models in daily use: one drawn at random answers, and you say whether you used the answer.

Which model answered stays hidden until the end. A used answer counts for the model that gave it, an
unused one for the other; were both equally good, each mark would be a fair coin, whatever the share
of used answers. You look at the result after every mark, so the usual test would be wrong more
often than it says: the rule here keeps its error however often you look. It is the test
martingale with a uniform mixture (Ville, *Étude critique de la notion de collectif*, 1939; Robbins,
*Statistical methods related to the law of the iterated logarithm*, 1970), and the interval holds at
all times together.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from core.errors import UserFacingError
from core.evaluation.rating.verdict import Verdict, judge
from core.language import Sentence, _, ngettext
from core.project import Project
from core.serving.use.database import UseDatabase
from core.storage.ordinary import is_ordinary_file

ERROR = 0.05
_NO_MATTER = 0.1  # a share this near to one half makes no difference that anybody notices
_MOST_MORE = 5000
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How a comparison stands; it does not say which model is which.

    Attributes:
        marks: answers that were marked.
        ahead: marks for the model that is ahead.
        low, high: the interval of its share; it holds however often you look.
        enough: the question is answered.
        more: about how many more marks it takes at the present share, ``None`` where that cannot
            be told.
    """

    marks: int
    ahead: int
    low: float
    high: float
    enough: bool
    more: int | None

    @property
    def alike(self) -> bool:
        """Enough is known to say that there is no difference that matters."""
        return self.enough and self.low <= 0.5

    @property
    def sentence(self) -> Sentence:
        """The standing in words, without saying who is ahead."""
        if self.alike:
            return _("Enough: there is no difference that matters.")
        if self.enough:
            return _("Enough: one of the two is better.")
        if self.more is None:
            return _("Not enough yet.")
        return ngettext(
            "Not enough yet: about {count:,} more.",
            "Not enough yet: about {count:,} more.",
            self.more,
        )


def standing(wins: int, losses: int) -> Standing:
    """Return how two counts of marks stand."""
    ahead, behind = max(wins, losses), min(wins, losses)
    marks = wins + losses
    low, high = interval(ahead, marks)
    enough = _is_enough(ahead, marks)
    more = None if enough else _more(ahead, behind)
    return Standing(marks, ahead, low, high, enough, more)


def evidence(wins: int, marks: int) -> float:
    """Return the logarithm of the evidence that the two models differ.

    It reaches log(1 / 0.05) with a probability of at most 5 % if they do not, however often one
    looks: 2^n · B(wins + 1, n - wins + 1).
    """
    return marks * math.log(2) + _mixture(wins, marks)


def _mixture(wins: int, marks: int) -> float:
    """Return the logarithm of the probability of such a series, all shares being equally likely."""
    return math.lgamma(wins + 1) + math.lgamma(marks - wins + 1) - math.lgamma(marks + 2)


def interval(wins: int, marks: int) -> tuple[float, float]:
    """Return the shares that the marks speak against less than 20 : 1, at every time."""
    if not marks:
        return 0.0, 1.0
    limit = _mixture(wins, marks) + math.log(ERROR)
    peak = wins / marks

    def inside(share: float) -> bool:
        return _likelihood(share, wins, marks) > limit

    return _edge(0.0, peak, inside), _edge(1.0, peak, inside)


def _likelihood(share: float, wins: int, marks: int) -> float:
    if (share <= 0 and wins) or (share >= 1 and wins < marks):
        return -math.inf
    won = wins * math.log(share) if wins else 0.0
    return won + ((marks - wins) * math.log(1 - share) if wins < marks else 0.0)


def _edge(outside: float, inside: float, is_inside: Callable[[float], bool]) -> float:
    if is_inside(outside):
        return outside
    for _step in range(_HALVINGS):
        middle = (outside + inside) / 2
        outside, inside = (outside, middle) if is_inside(middle) else (middle, inside)
    return (outside + inside) / 2


def _is_enough(wins: int, marks: int) -> bool:
    """They differ, or the interval holds no difference that matters."""
    if evidence(wins, marks) >= -math.log(ERROR):
        return True
    limit = _mixture(wins, marks) + math.log(ERROR)
    edges = (0.5 - _NO_MATTER, 0.5 + _NO_MATTER)
    inside = marks > 0 and edges[0] < wins / marks < edges[1]
    return inside and all(_likelihood(edge, wins, marks) <= limit for edge in edges)


def _more(ahead: int, behind: int) -> int | None:
    """Return after how many more marks at the present share there will be enough."""
    marks = ahead + behind
    if not marks:
        return None
    share = (ahead + 1) / (marks + 2)  # a few marks exaggerate
    more = 1
    while more < _MOST_MORE:
        if _is_enough(round(ahead + more * share), marks + more):
            return more
        more += max(1, (marks + more) // 50)
    return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a comparison, with the names.

    Attributes:
        verdict: of the marks, where ``tuned`` stands for the second model.
    """

    first: str
    second: str
    first_answers: int
    first_used: int
    second_answers: int
    second_used: int
    standing: Standing
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """The end in words."""
        return _(
            "You used {first_used:,} of {first_all:,} answers by “{first}” and {second_used:,} of "
            "{second_all:,} by “{second}”.",
            first=self.first,
            second=self.second,
            first_used=self.first_used,
            first_all=self.first_answers,
            second_used=self.second_used,
            second_all=self.second_answers,
        )

    @property
    def better(self) -> str:
        """The name of the better model, ``""`` where there is no telling."""
        if not self.standing.enough or self.standing.alike:
            return ""
        return self.second if self.verdict.tuned_wins > self.verdict.base_wins else self.first


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of a comparison, as you see it: without the name of its model."""

    request: str
    time: float
    prompt: str
    answer: str


class Comparison:
    """A comparison of two models in daily use; made by :func:`begin` or :func:`present`."""

    def __init__(self, database: UseDatabase, number: int, models: tuple[str, str]) -> None:
        self._database, self._number, self._models = database, number, models

    def draw(self, request: str) -> str:
        """Return the model that answers this request, drawn at random and remembered."""
        model = secrets.choice(self._models)
        with self._database.changing() as connection:
            connection.execute(
                "INSERT INTO trials (comparison, request, model) VALUES (?, ?, ?)"
                " ON CONFLICT (request) DO NOTHING",
                (self._number, request, model),
            )
        found = self._database.rows("SELECT model FROM trials WHERE request = ?", request)
        return str(found[0][0])

    def draw_both(self, one: str, other: str) -> tuple[str, str]:
        """Return the models that answer the same question twice, in random order."""
        model = self.draw(one)
        (second,) = set(self._models) - {model}
        with self._database.changing() as connection:
            connection.execute(
                "INSERT INTO trials (comparison, request, model) VALUES (?, ?, ?)"
                " ON CONFLICT (request) DO NOTHING",
                (self._number, other, second),
            )
        return model, second

    def mark(self, request: str, *, used: bool | None) -> None:
        """Say whether you used an answer; ``None`` takes it back. The last word counts."""
        with self._database.changing() as connection:
            connection.execute(
                "UPDATE trials SET used = ? WHERE request = ? AND comparison IN"
                " (SELECT id FROM comparisons WHERE id = ? AND ended IS NULL)",
                (None if used is None else int(used), request, self._number),
            )

    def pick(self, chosen: str, other: str) -> None:
        """Of two answers to one question say which you used; that is one mark, not two."""
        self.mark(chosen, used=True)
        self.mark(other, used=None)

    def to_mark(self, count: int = 20) -> list[Answered]:
        """Return the newest answers without a mark; which model gave them is not told.

        Pairs of the chat are not among them: one mark there counts for both.
        """
        rows = self._database.rows(
            "SELECT t.request, r.time, r.prompt, r.answer FROM trials t"
            " JOIN requests r ON r.request = t.request"
            " WHERE t.comparison = ? AND t.used IS NULL AND r.reason != 'cancelled'"
            " AND r.source = 'server'"
            " ORDER BY t.id DESC LIMIT ?",
            self._number,
            count,
        )
        return [Answered(str(q), float(str(at)), str(p), str(a)) for q, at, p, a in rows]

    def standing(self) -> Standing:
        """Return how it stands, without names."""
        return standing(*self._wins())

    def end(self) -> Outcome:
        """End it and say which model is which; marks after this do not count."""
        with self._database.changing() as connection:
            connection.execute(
                "UPDATE comparisons SET ended = ? WHERE id = ? AND ended IS NULL",
                (time.time(), self._number),
            )
        counts = {model: self._counts(model) for model in self._models}
        (first, second), wins = self._models, self._wins()
        return Outcome(
            first,
            second,
            counts[first][0],
            counts[first][1],
            counts[second][0],
            counts[second][1],
            standing(*wins),
            judge(wins[1], wins[0]),
        )

    def _wins(self) -> tuple[int, int]:
        rows = self._database.rows(
            "SELECT (model = ?) = used, count(*) FROM trials"
            " WHERE comparison = ? AND used IS NOT NULL GROUP BY 1",
            self._models[0],
            self._number,
        )
        counts = {bool(won): int(str(count)) for won, count in rows}
        return counts.get(True, 0), counts.get(False, 0)

    def _counts(self, model: str) -> tuple[int, int]:
        rows = self._database.rows(
            "SELECT count(*), coalesce(sum(used), 0) FROM trials"
            " WHERE comparison = ? AND model = ? AND used IS NOT NULL",
            self._number,
            model,
        )
        return int(str(rows[0][0])), int(str(rows[0][1]))


def begin(database: UseDatabase, first: str, second: str) -> Comparison:
    """Begin to compare two models.

    Raises:
        UserFacingError: they are one, or a comparison is in progress (code ``use.comparing``).
    """
    if first == second or present(database) is not None:
        raise UserFacingError(
            "use.comparing",
            _("Two different models are needed, and only one comparison can run at a time."),
            _("Choose two models, or end the present comparison first."),
        )
    with database.changing() as connection:
        number = connection.execute(
            "INSERT INTO comparisons (first, second, began) VALUES (?, ?, ?)",
            (first, second, time.time()),
        ).lastrowid
    return Comparison(database, int(number or 0), (first, second))


def present(database: UseDatabase) -> Comparison | None:
    """Return the comparison in progress."""
    rows = database.rows(
        "SELECT id, first, second FROM comparisons WHERE ended IS NULL ORDER BY id DESC LIMIT 1"
    )
    if not rows:
        return None
    number, first, second = rows[0]
    return Comparison(database, int(str(number)), (str(first), str(second)))


def open_database(project: Project) -> UseDatabase:
    """Open the file in which the comparisons of a project are."""
    return UseDatabase(project.use_file)


def drawn_for(project: Project, request: str) -> str | None:
    """Return the model that answers a request in the present comparison, ``None`` without one.

    Raises:
        UserFacingError: as :class:`~core.serving.use.database.UseDatabase`.
    """
    if not is_ordinary_file(project.use_file):
        return None
    with closing(open_database(project)) as database:
        comparison = present(database)
        return None if comparison is None else comparison.draw(request)
