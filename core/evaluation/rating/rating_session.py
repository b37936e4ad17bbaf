"""Rating one run's answers, question after question, without knowing who wrote which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.chat.cuts import explained
from core.evaluation.rating.ratings_database import RatingsDatabase
from core.evaluation.rating.revealed import Revealed, revealed
from core.evaluation.rating.sequential import LOOK_EVERY
from core.evaluation.rating.verdict import Verdict, judge_series

Choice = Literal["a", "b", "tie", "both_bad"]
Side = Literal["a", "b"]
Criterion = str
"""The key of a criterion, see :mod:`core.evaluation.rating.criteria`."""
Scores = Mapping[Side, Mapping[Criterion, int]]


@dataclass(frozen=True, slots=True)
class BlindQuestion:
    """A question as you see it; ``position`` counts from 0."""

    id: int
    position: int
    kind: str
    question: str
    reference: str
    answer_a: str
    answer_b: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What you said about one question."""

    choice: Choice
    scores: dict[Side, dict[Criterion, int]]


@dataclass(frozen=True, slots=True)
class Totals:
    """The result of a session; the scores are each model's mean, 1 to 5."""

    rated: int
    questions: int
    verdict: Verdict
    tuned_scores: dict[Criterion, float]
    base_scores: dict[Criterion, float]


_QUESTION = "SELECT id, position, kind, question, reference, answer_a, answer_b FROM questions "


class RatingSession:
    """Rating the answers of one run, question after question; made by :class:`Ratings`."""

    def __init__(self, database: RatingsDatabase, number: int) -> None:
        self._database = database
        self._number = number

    @property
    def number(self) -> int:
        """Its number in the file."""
        return self._number

    @property
    def run(self) -> str:
        """The fine-tune whose answers are judged."""
        return str(self._database.rows("SELECT run FROM sessions WHERE id = ?", self._number)[0][0])

    @property
    def count(self) -> int:
        """How many questions there are."""
        return self._number_of("SELECT count(*) FROM questions WHERE session = ?")

    @property
    def rated(self) -> int:
        """How many are rated."""
        return self._number_of(
            "SELECT count(*) FROM ratings r JOIN questions q ON q.id = r.question"
            " WHERE q.session = ?"
        )

    @property
    def seed(self) -> int:
        """What decided order and sides."""
        return self._number_of("SELECT seed FROM sessions WHERE id = ?")

    @property
    def opponent(self) -> str:
        """The fine-tune that this one is compared with, ``""`` for the base model."""
        return self._detail("opponent")

    @property
    def rater(self) -> str:
        """Who judges, ``""`` where no name was given."""
        return self._detail("rater")

    @property
    def finished(self) -> bool:
        """Whether the result was asked for and not taken back."""
        return self._detail("finished") == "1"

    def finish(self, *, finished: bool = True) -> None:
        """Keep that the result is open, or hide it again."""
        with self._database.changing() as connection:
            connection.execute(
                "INSERT INTO session_details (session, cases, opponent, rater, finished)"
                " SELECT id, answers_hash, '', '', ? FROM sessions WHERE id = ?"
                " ON CONFLICT (session) DO UPDATE SET finished = excluded.finished",
                (int(finished), self._number),
            )

    def revealed(self) -> list[Revealed]:
        """Return all answers with their authors; show them only after the result."""
        return revealed(self._database, self._number)

    def outcomes(self) -> dict[tuple[str, ...], str]:
        """Return what was judged, by question and answers, so that raters can be compared."""
        return {
            (one.kind, one.question, one.reference, one.mine, one.other): one.outcome
            for one in self.revealed()
            if one.outcome
        }

    def next_question(self) -> BlindQuestion | None:
        """Return the first question that is not rated yet, ``None`` at the end."""
        return self._question(  # not shown: a query
            "WHERE session = ? AND id NOT IN (SELECT question FROM ratings) ORDER BY position"
        )

    def question(self, position: int) -> BlindQuestion | None:
        """Return the question at ``position``, counted from 0."""
        return self._question("WHERE session = ? AND position = ?", position)  # not shown: a query

    def rating(self, question: BlindQuestion) -> Rating | None:
        """Return what was said about ``question``, or ``None``."""
        rows = self._database.rows("SELECT choice FROM ratings WHERE question = ?", question.id)
        if not rows:
            return None
        scores: dict[Side, dict[Criterion, int]] = {"a": {}, "b": {}}
        query = "SELECT side, criterion, score FROM scores WHERE question = ?"
        for side, criterion, score in self._database.rows(query, question.id):
            scores[side][criterion] = score  # type: ignore[index,assignment]
        return Rating(rows[0][0], scores)  # type: ignore[arg-type]

    def rate(self, question: BlindQuestion, choice: Choice, scores: Scores | None = None) -> None:
        """Store a judgement; one given before is replaced and counts as the newest.

        Args:
            scores: 1 to 5 for each side and criterion; any may be missing.
        """
        with self._database.changing() as connection:
            connection.execute("DELETE FROM ratings WHERE question = ?", (question.id,))
            connection.execute(
                "INSERT INTO ratings (question, choice) VALUES (?, ?)", (question.id, choice)
            )
            for side, values in (scores or {}).items():
                connection.executemany(
                    "INSERT INTO scores (question, side, criterion, score) VALUES (?, ?, ?, ?)",
                    [(question.id, side, criterion, score) for criterion, score in values.items()],
                )

    def undo(self) -> BlindQuestion | None:
        """Take the newest judgement back and return its question; ``None`` if there is none."""
        newest = self._question(
            "WHERE session = ? AND id IN (SELECT question FROM ratings)"  # not shown: a query
            " ORDER BY (SELECT number FROM ratings WHERE question = questions.id) DESC"
        )
        if newest is not None:
            with self._database.changing() as connection:
                connection.execute("DELETE FROM ratings WHERE question = ?", (newest.id,))
        return newest

    def totals(self, kind: str = "") -> Totals:
        """Return the counts so far; show them only when everything is rated.

        Args:
            kind: count only ``"held_out"`` or ``"general"`` questions.
        """
        rows = self._database.rows(
            "SELECT CASE WHEN r.choice = q.tuned_side THEN 'tuned' WHEN r.choice IN ('a', 'b')"
            " THEN 'base' ELSE r.choice END FROM questions q"
            " LEFT JOIN ratings r ON r.question = q.id"
            " WHERE q.session = ? AND ? IN ('', q.kind) ORDER BY r.number",
            self._number,
            kind,
        )
        outcomes = [str(outcome) for (outcome,) in rows if outcome is not None]
        tuned_scores, base_scores = self._means(kind)
        verdict = judge_series(outcomes, len(rows))
        if self.opponent:
            verdict = replace(verdict, mine=self.run, other=self.opponent)
        return Totals(
            rated=len(outcomes),
            questions=len(rows),
            verdict=verdict,
            tuned_scores=tuned_scores,
            base_scores=base_scores,
        )

    def has_just_settled(self) -> bool:
        """Return whether the newest judgement decided the matter before all were given."""
        if self.rated % LOOK_EVERY:  # looking more often would have to be paid for
            return False
        totals = self.totals()
        return 0 < totals.verdict.settled == totals.rated < totals.questions

    def _means(self, kind: str) -> tuple[dict[Criterion, float], dict[Criterion, float]]:
        """Mean scores of the tuned and of the base model by criterion."""
        rows = self._database.rows(
            "SELECT s.side = q.tuned_side, s.criterion, avg(s.score) FROM scores s"
            " JOIN questions q ON q.id = s.question"
            " WHERE q.session = ? AND ? IN ('', q.kind) GROUP BY 1, 2",
            self._number,
            kind,
        )
        tuned, base = (
            {str(name): float(str(mean)) for of, name, mean in rows if bool(of) == side}
            for side in (True, False)
        )
        return tuned, base

    def _question(self, condition: str, *values: object) -> BlindQuestion | None:
        rows = self._database.rows(_QUESTION + condition + " LIMIT 1", self._number, *values)
        if not rows:
            return None
        found = BlindQuestion(*rows[0])  # type: ignore[arg-type]
        return replace(
            found, answer_a=explained(found.answer_a), answer_b=explained(found.answer_b)
        )

    def _detail(self, column: str) -> str:
        query = f"SELECT {column} FROM session_details WHERE session = ?"  # noqa: S608 - our own
        rows = self._database.rows(query, self._number)  # not shown: a query
        return str(rows[0][0]) if rows else ""

    def _number_of(self, query: str) -> int:
        value = self._database.rows(query, self._number)[0][0]
        return int(str(value))
