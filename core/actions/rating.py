"""Blind rating of a run that was compared: which session that is, and what it says."""

from __future__ import annotations

from core.actions.state import named_run
from core.evaluation.rating.opponents import opponents, pairs_against, usual_opponent
from core.evaluation.rating.rating_session import RatingSession
from core.evaluation.rating.ratings import Ratings
from core.evaluation.stored import read_evaluation
from core.project import Project


def open_rating(
    project: Project,
    ratings: Ratings,
    name: str = "",
    against: str | None = None,
    rater: str = "",
) -> RatingSession:
    """Continue the rating of a run, or begin it.

    Args:
        name: of the run, ``""`` for the newest.
        against: another run of the same base, ``""`` for the base model, ``None`` for the usual
            one (:func:`core.evaluation.rating.opponents.usual_opponent`).
        rater: who judges; another name is another rating of the same answers.

    Raises:
        UserFacingError: there is no such run, it was not compared yet, or the two have too few
            questions in common.
    """
    run = named_run(project, name)
    evaluation = read_evaluation(run)
    if against is None:
        against = usual_opponent(run, opponents(project, run, evaluation))
    pairs = pairs_against(project, run, evaluation, against)
    return ratings.session(run.name, pairs, opponent=against, rater=rater)
