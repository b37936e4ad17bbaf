"""Train more: a new run that begins with the adapter of a finished one.

Not to be confused with resuming, which continues the *same* run to its planned end. More
training has its own schedule, its own examples (the project's present version) and its own result;
the finished run stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.jobs.spec import TrainParams, training_params
from core.language import _
from core.models.contents import require_contents
from core.models.inspection import ModelFacts
from core.project import Project, RunFolder
from core.storage.files import sha256_of
from core.training.result import best_adapter, read_trained

if TYPE_CHECKING:
    from peft import PeftModel

FIXED = ("rank", "alpha", "targets", "quantisation")  # they give the adapter its shape and meaning


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The training whose adapter is trained further: its run's name, and its settings."""

    run: str
    config: TrainingConfig


def finished_run(run: RunFolder) -> FinishedRun:
    """Return what more training begins with, after the checks that it will make.

    Raises:
        UserFacingError: the run has no whole adapter (code ``run.no_adapter``), or its settings
            cannot be read.
    """
    require_adapter(run)
    return FinishedRun(run.name, config_for_warm_start(run, {}))


def config_for_warm_start(run: RunFolder, values: Mapping[str, object]) -> TrainingConfig:
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
            _(
                "These settings cannot change when an adapter is trained further: {names}.",
                names=", ".join(changed),
            ),
            _("Leave them as they are, or start a new run instead."),
        )


def params_for_warm_start(run: RunFolder, dataset_version: str) -> TrainParams:
    """Return the parameters of the job ``train`` that continues from the adapter of ``run``.

    Raises:
        UserFacingError: the run has no whole adapter (code ``run.no_adapter``).
    """
    require_adapter(run)
    base = training_params(run).base_model
    return TrainParams(dataset_version=dataset_version, base_model=base, more_of=run.name)


def require_adapter(run: RunFolder) -> Path:
    """Return the folder of the adapter that would be trained further, verified.

    Raises:
        UserFacingError: there is none, or its run gave nothing (code ``run.no_adapter``).
    """
    try:
        if run.facts_file.is_file():
            read_trained(run)
        return best_adapter(run)
    except UserFacingError as error:
        raise UserFacingError(
            "run.no_adapter",
            _("The run “{run}” has no trained adapter to continue from.", run=run.name),
            _("Choose another finished run."),
            error.what,
        ) from error


def start_from(model: PeftModel, project: Project, name: str, base: ModelFacts) -> str:
    """Put the adapter of the run ``name`` into ``model``; return the SHA-256 of its weights.

    Args:
        base: the base model in ``model``.

    Raises:
        UserFacingError: there is no such adapter, or it was trained on other weights.
    """
    from safetensors.torch import load_file

    from core.models.lora import WEIGHTS
    from core.training.adapter import set_adapter_weights

    run = project.run(name)
    weights = require_adapter(run) / WEIGHTS
    if run.facts_file.is_file():
        require_contents(base, read_trained(run).base_contents)
    set_adapter_weights(model, load_file(weights))
    return sha256_of(weights)
