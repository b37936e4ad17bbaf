"""Train more: a new run that begins with the adapter of a finished one.

Not to be confused with resuming, which goes on with the *same* run to its planned end. More
training has its own schedule, its own examples (the project's present version) and its own result;
the finished run stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserFacingError
from core.files import sha256_of
from core.jobs.spec import training_params
from core.project import Project, RunFolder
from core.training.checkpoint import StepFolders
from core.training.config import TrainingConfig, load_config

if TYPE_CHECKING:
    from peft import PeftModel

MORE_OF = "more_of"  # the job parameter that names the finished run
FIXED = ("rank", "alpha", "targets", "quantisation")  # they give the adapter its shape and meaning


@dataclass(frozen=True, slots=True)
class Finished:
    """The training whose adapter is trained further: its run's name, and its settings."""

    run: str
    config: TrainingConfig


def finished_run(run: RunFolder) -> Finished:
    """Return what more training begins with, after the checks that it will make.

    Raises:
        UserFacingError: the run has no whole adapter (code ``more.no_adapter``), or its settings
            cannot be read.
    """
    best_adapter(run)
    return Finished(run.name, config_for_more(run, {}))


def config_for_more(run: RunFolder, values: dict[str, Any]) -> TrainingConfig:
    """Return the finished run's settings with some values changed.

    Raises:
        UserFacingError: a value that the adapter was made with cannot be changed
            (code ``more.fixed``), or values that cannot be used.
    """
    before = load_config(run.config_file)
    config = before.with_values({"max_steps": 0, **values})
    refuse_other_shape(before, config)
    return config


def refuse_other_shape(before: TrainingConfig, config: TrainingConfig) -> None:
    """Refuse settings that do not fit the adapter which was made with those ``before``.

    Raises:
        UserFacingError: code ``more.fixed``.
    """
    changed = [name for name in FIXED if getattr(config, name) != getattr(before, name)]
    if changed:
        raise UserFacingError(
            "more.fixed",
            f"An adapter that is trained further keeps its {', '.join(changed)}.",
            "Leave these settings as they are, or start a new training instead.",
        )


def params_for_more(run: RunFolder, dataset_version: str) -> dict[str, Any]:
    """Return the parameters of the job ``train`` that goes on from the adapter of ``run``.

    Raises:
        UserFacingError: the run has no whole adapter (code ``more.no_adapter``).
    """
    best_adapter(run)
    base = training_params(run)["base_model"]
    return {"dataset_version": dataset_version, "base_model": base, MORE_OF: run.name}


def best_adapter(run: RunFolder) -> Path:
    """Return the folder of a run's best adapter, verified.

    Raises:
        UserFacingError: there is none (code ``more.no_adapter``).
    """
    for _step, folder in StepFolders(run.best).newest_whole():
        return folder
    raise UserFacingError(
        "more.no_adapter",
        f"The run “{run.name}” has no whole adapter to go on from.",
        "Choose another finished training.",
    )


def start_from(model: PeftModel, project: Project, name: str) -> str:
    """Put the adapter of the run ``name`` into ``model``; return the SHA-256 of its weights."""
    from safetensors.torch import load_file

    from core.training.adapter import WEIGHTS, set_adapter_weights

    weights = best_adapter(project.run(name)) / WEIGHTS
    set_adapter_weights(model, load_file(weights))
    return sha256_of(weights)
