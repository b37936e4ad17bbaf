"""Whom a fine-tune can be compared with: its base model, or others of that base.

Two fine-tunes are compared on the questions that both were asked in their own evaluations: held-out
ones that neither was trained on, everyday ones, and your own. Nothing has to be answered again.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from core.chat.cuts import marked
from core.errors import UserFacingError
from core.evaluation.intervals import FEWEST
from core.evaluation.rating.ratings import AnswerPair, pairs_from
from core.evaluation.stored import Answers, Evaluation, read_evaluation
from core.language import _
from core.project import Project, RunFolder
from core.storage.ordinary import is_ordinary_file
from core.training.result import read_trained


def opponents(project: Project, run: RunFolder, evaluation: Evaluation) -> list[str]:
    """Return the other fine-tunes of the same base that answered enough of the same questions."""
    return [
        other.name
        for other in sorted(project.runs("train"), key=lambda one: one.name, reverse=True)
        if other.name != run.name
        and is_ordinary_file(other.evaluation_file)
        and len(_pairs(project, run, evaluation, other.name)) >= FEWEST
    ]


def usual_opponent(run: RunFolder, others: Collection[str]) -> str:
    """Return whom a run is judged against unless another one is chosen, ``""`` for the base.

    One that learned from ratings is judged against what it began with: the base knows nothing of
    what both were trained on.

    Args:
        others: who can be chosen.
    """
    with suppress(UserFacingError):
        facts = read_trained(run)
        if facts.preferences and facts.more_of in others:
            return str(facts.more_of)
    return ""


def pairs_against(
    project: Project, run: RunFolder, evaluation: Evaluation, opponent: str
) -> list[AnswerPair]:
    """Return the pairs to judge; ``opponent`` is another run, or ``""`` for the base model.

    Raises:
        UserFacingError: there is no such run, or it has too few questions in common with this one
            (code ``rating.no_opponent``).
    """
    if not opponent:
        return pairs_from(evaluation.answers)
    project.run(opponent)
    found = _pairs(project, run, evaluation, opponent)
    if len(found) < FEWEST:
        raise UserFacingError(
            "rating.no_opponent",
            _("“{run}” and “{other}” cannot be compared.", run=run.name, other=opponent),
            _("Both need the same base model and the same questions. Measure both again."),
        )
    return found


def _pairs(
    project: Project, run: RunFolder, evaluation: Evaluation, opponent: str
) -> list[AnswerPair]:
    other = project.run(opponent)
    with suppress(UserFacingError):  # a damaged one cannot be compared
        if _base(run) == _base(other):
            theirs = {_key(one): one for one in read_evaluation(other).answers}
            return [
                _pair(one, theirs[_key(one)]) for one in evaluation.answers if _key(one) in theirs
            ]
    return []


def _base(run: RunFolder) -> str:
    facts = read_trained(run)
    return facts.base_contents or facts.base_model


def _key(answer: Answers) -> tuple[str, str, str]:
    return answer.kind, answer.question, answer.reference


def _pair(mine: Answers, theirs: Answers) -> AnswerPair:
    """Both answers with the same mark, if one was cut; in old files that may be the base's."""
    known = all(not one.cut or one.base_cut or one.tuned_cut for one in (mine, theirs))
    cut = mine.tuned_cut or theirs.tuned_cut if known else mine.cut or theirs.cut
    return AnswerPair(
        question=mine.question,
        base=marked(theirs.tuned, cut=cut),
        tuned=marked(mine.tuned, cut=cut),
        reference=mine.reference,
        kind=mine.kind,
        base_cut=theirs.tuned_cut,
        tuned_cut=mine.tuned_cut,
    )
