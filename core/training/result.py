"""What a run gave: its facts, and the adapter that it trained.

A training of no steps, or one whose best check was the one before its first step, gave nothing: its
adapter computes what the base computes. Such a run is no fine-tune anywhere.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from core.errors import UserFacingError
from core.jobs.spec import TrainingFacts, TrainParams, asked_of
from core.language import _
from core.project import RunFolder
from core.storage.files import read_json
from core.training.checkpoints.checkpoint import StepFolders


def read_facts(run: RunFolder) -> TrainingFacts:
    """Return the facts of a finished training.

    Raises:
        UserFacingError: this run has not finished, or its facts are damaged (code
            ``run.facts_damaged``).
    """
    if not run.facts_file.is_file():
        raise UserFacingError(
            "run.not_finished",
            _("The run “{run}” has no result yet.", run=run.name),
            _("Wait until it has finished, or stop it first."),
        )
    try:
        return TrainingFacts.model_validate(read_json(run.facts_file))
    except ValidationError as error:
        raise UserFacingError(
            "run.facts_damaged",
            _("The stored result of the run “{run}” is damaged.", run=run.name),
            _("Train again, or choose another fine-tune."),
            str(error),
        ) from error


def read_trained(run: RunFolder) -> TrainingFacts:
    """Return the facts of a finished training that gave something.

    Raises:
        UserFacingError: it has not finished, or gave nothing (codes ``run.no_steps`` and
            ``run.no_gain``).
    """
    facts = read_facts(run)
    if not facts.steps:
        raise UserFacingError(
            "run.no_steps",
            _("The run “{run}” ended before its first step, so nothing was trained.", run=run.name),
            _("Train again and let it do some steps."),
        )
    if not facts.learned and facts.preferences:
        raise UserFacingError(
            "run.no_gain",
            _(
                "The run “{run}” never became better than the fine-tune that it began with, so "
                "there is nothing to compare or save.",
                run=run.name,
            ),
            _("Rate more answers, then learn from your ratings again."),
        )
    if not facts.learned:
        raise UserFacingError(
            "run.no_gain",
            _(
                "The run “{run}” never became better than the base model on unseen examples, so "
                "there is nothing to compare or save.",
                run=run.name,
            ),
            _("Train again with more examples, more epochs or another learning rate."),
        )
    return facts


def is_fine_tune(run: RunFolder) -> bool:
    """Return whether ``run`` has finished and gave something."""
    try:
        read_trained(run)
    except UserFacingError:
        return False
    return True


def best_adapter(run: RunFolder) -> Path:
    """Return the folder of a run's best trained adapter, verified.

    Raises:
        UserFacingError: there is none, or it is damaged (code ``run.no_adapter``).
    """
    for step, folder in StepFolders(run.best).newest_whole():
        if step or _begins_with_an_adapter(run):
            return folder
    raise UserFacingError(
        "run.no_adapter",
        _("The saved adapter of the run “{run}” is missing or damaged.", run=run.name),
        _("Train again, or resume the run from its last checkpoint."),
    )


def _begins_with_an_adapter(run: RunFolder) -> bool:
    """What training of a finished adapter begins with was trained, too."""
    params = asked_of(run)
    return isinstance(params, TrainParams) and params.more_of is not None
