"""What a training gave: its facts, and the adapter that it trained.

A training of no steps, or one whose best check was the one before its first step, gave nothing: its
adapter computes what the base computes. Such a run is no fine-tune anywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import UserFacingError
from core.files import read_json
from core.project import RunFolder
from core.training.checkpoint import StepFolders

MORE_OF = (
    "more_of"  # the job parameter that names the finished run whose adapter is trained further
)


def read_facts(run: RunFolder) -> dict[str, Any]:
    """Return the facts of a finished training.

    Raises:
        UserFacingError: this run has not finished.
    """
    if not run.facts_file.is_file():
        raise UserFacingError(
            "run.not_finished",
            f"The run “{run.name}” has no result yet.",
            "Finish or stop its training first.",
        )
    facts: dict[str, Any] = read_json(run.facts_file)
    return facts


def learned(facts: dict[str, Any]) -> bool:
    """Return whether a training with these facts gave an adapter that is not the untrained one."""
    if not facts.get("steps"):
        return False
    return MORE_OF in facts or facts.get("best_step") != 0


def read_trained(run: RunFolder) -> dict[str, Any]:
    """Return the facts of a finished training that gave something.

    Raises:
        UserFacingError: it has not finished, or gave nothing (codes ``run.no_steps`` and
            ``run.no_gain``).
    """
    facts = read_facts(run)
    if not facts.get("steps"):
        raise UserFacingError(
            "run.no_steps",
            f"The run “{run.name}” ended before its first step, so nothing was trained.",
            "Train again and let it do some steps.",
        )
    if not learned(facts):
        raise UserFacingError(
            "run.no_gain",
            f"The run “{run.name}” never became better than the base model on unseen examples, "
            "so there is nothing to compare or save.",
            "Train again with more examples, more epochs or another learning rate.",
        )
    return facts


def is_fine_tune(run: RunFolder) -> bool:
    """Return whether the training in ``run`` has finished and gave something."""
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
        f"The run “{run.name}” holds no undamaged adapter that was trained.",
        "Train again, or resume the training from its last checkpoint.",
    )


def _begins_with_an_adapter(run: RunFolder) -> bool:
    """What training of a finished adapter begins with was trained, too."""
    params = read_json(run.job_file).get("params") if run.job_file.is_file() else None
    return isinstance(params, dict) and MORE_OF in params
