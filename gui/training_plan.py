"""The training that the settings page prepares: preset, changed values, estimate, trial. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import UserFacingError
from core.files import read_json, write_json
from core.hardware.energy import money_range
from core.jobs import queue
from core.planning.advice import Advice, advise
from core.planning.estimate import Estimate, Measured, duration_text, estimate
from core.planning.memory import Badge, badge
from core.planning.presets import Preset, Situation, changed_values, find_preset, presets
from core.planning.surroundings import Surroundings
from core.project import Project, RunFolder
from core.training.config import TrainingConfig, load_config, save_config


@dataclass(frozen=True, slots=True)
class Variant:
    """One training to be queued: what people call it, its config, what it will take."""

    title: str
    config: TrainingConfig
    estimate: Estimate


@dataclass
class TrainingPlan:
    """Everything behind the page, for one base model and one dataset version.

    Attributes:
        overrides: values that differ from the preset, as they would be stored.
        measured: the trial of exactly this config, if there was one.
    """

    surroundings: Surroundings
    situation: Situation
    key: str
    overrides: dict[str, Any] = field(default_factory=dict)
    measured: Measured | None = None

    @property
    def presets(self) -> tuple[Preset, ...]:
        """What is offered."""
        return presets(self.situation)

    @property
    def preset(self) -> Preset:
        """What is chosen."""
        return find_preset(self.situation, self.key)

    @property
    def config(self) -> TrainingConfig:
        """The preset with the changed values."""
        return self.preset.config.with_values(self.overrides)

    def change(self, name: str, value: Any) -> None:
        """Change one value; a value that cannot be used changes nothing.

        Raises:
            UserFacingError: the value cannot be used.
        """
        config = self.preset.config.with_values({**self.overrides, name: value})
        self.overrides = changed_values(self.preset, config)

    def advice(self) -> list[Advice]:
        """Return the warnings, the worst first."""
        return advise(self.situation, self.config)

    def estimate(self, config: TrainingConfig | None = None, tariff: float = 0.0) -> Estimate:
        """Return what the chosen (or another) config will take."""
        measured = self.measured if config in (None, self.config) else None
        return estimate(
            self.situation, config or self.config, self.surroundings.hardware, tariff, measured
        )

    def fit(self, found: Estimate) -> Badge:
        """Return whether the memory is enough."""
        return badge(found.peak, self.surroundings.free_memory, self.surroundings.device)


def cost_text(found: Estimate, currency: str) -> str:
    """Return the cost as a range, ``""`` where power cannot be known."""
    return money_range(found.cost, currency) if found.cost else ""


def summary(found: Estimate, currency: str) -> str:
    """Return time and cost in a few words."""
    cost = cost_text(found, currency)
    return duration_text(found.seconds) + (f", {cost}" if cost else "")


def job_params(project: Project, dataset_version: str, base_model: str) -> dict[str, Any]:
    """Return the parameters of the jobs ``trial`` and ``train``."""
    return {
        "project": str(project.root),
        "dataset_version": dataset_version,
        "base_model": base_model,
    }


def prepare_run(project: Project, kind: str, config: TrainingConfig) -> RunFolder:
    """Make the run folder of a trial or a training, with its config, not started yet."""
    run = project.new_run(kind)
    save_config(config, run.config_file)
    return run


def last_trial(project: Project, params: dict[str, Any], config: TrainingConfig) -> Measured | None:
    """Return what the newest trial measured, if it was of exactly this training."""
    run = project.latest_run("trial")
    if run is None or not run.trial_file.is_file():
        return None
    try:
        same = load_config(run.config_file) == config
        if same and read_json(run.job_file).get("params") == params:
            return Measured.from_trial(read_json(run.trial_file))
    except (UserFacingError, AttributeError):
        return None
    return None


def enqueue(project: Project, params: dict[str, Any], variants: Sequence[Variant]) -> list[str]:
    """Make a run ready for each and put it into the queue; return the runs' names."""
    names = []
    for variant in variants:
        run = prepare_run(project, "train", variant.config)
        write_json(run.job_file, {"kind": "train", "params": params})
        found = variant.estimate
        queue.add(project, run, variant.title, found.seconds, found.joules)
        names.append(run.name)
    return names


def running_elsewhere(run: RunFolder) -> UserFacingError:
    """Return why no other training may begin now."""
    return UserFacingError(
        "training.other_running",
        f"“{run.name}” is being trained right now, and the card has room for one.",
        "Wait for its end, or add this training to the queue.",
    )
