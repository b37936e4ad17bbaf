"""Training as the terminal runs it: new, further, resumed, or put into the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import wizard
from core.errors import UserFacingError
from core.files import write_json
from core.hardware.energy import Range
from core.jobs import queue
from core.jobs.spec import training_params
from core.planning.estimate import duration_text, estimate
from core.planning.surroundings import look_around
from core.project import Project, RunFolder
from core.settings import load_settings
from core.terminal import run_job
from core.training.config import TrainingConfig, save_config
from core.training.more import config_for_more, params_for_more
from core.training.result import learned
from core.walk.plans import situation
from core.walk.state import dataset_folder, named_run, note, remember
from core.wizard import Step


def train(
    project: Project, base: Path, config: TrainingConfig, *, cards: int = 0, as_json: bool = False
) -> dict[str, Any]:
    """Train in a new run; return its facts.

    Args:
        cards: how many train together, 0 for as many as can.
    """
    params = _params(project, base, cards)
    return _train_new(project, config, params, as_json=as_json)


def _params(project: Project, base: Path, cards: int) -> dict[str, Any]:
    remember(project, base)
    return {
        "dataset_version": dataset_folder(project).name,
        "base_model": str(base),
        **_card_params(project, cards),
    }


def _card_params(project: Project, cards: int) -> dict[str, Any]:
    return look_around(project.root, None).card_params(cards) if cards else {}


def train_more(
    project: Project, name: str, values: dict[str, Any], *, cards: int = 0, as_json: bool = False
) -> dict[str, Any]:
    """Train a finished run's adapter further, in a new run with the project's present examples.

    Args:
        name: the finished run, ``""`` for the newest.
        values: settings that differ from those of the finished run.
    """
    finished = named_run(project, name)
    config = config_for_more(finished, values)
    params = params_for_more(finished, dataset_folder(project).name)
    params |= _card_params(project, cards)
    return _train_new(project, config, params, as_json=as_json)


def _train_new(
    project: Project, config: TrainingConfig, params: dict[str, Any], *, as_json: bool
) -> dict[str, Any]:
    run = project.new_run("train")
    save_config(config, run.config_file)
    note(project, Step.TRAINING, base_model=params["base_model"], training_run=run.name)
    return _finish_training(project, run, params, as_json=as_json)


def enqueue(project: Project, base: Path, config: TrainingConfig, cards: int = 0) -> str:
    """Make a training ready and put it into the queue; return its run's name."""
    here = look_around(project.root, dataset_folder(project))
    where = situation(project, base, cards=cards)
    found = estimate(where, config, here.hardware, load_settings().tariff)
    params = _params(project, base, cards)
    run = project.new_run("train")
    save_config(config, run.config_file)
    write_json(run.job_file, {"kind": "train", "params": params})
    title = f"seed {config.seed}, rank {config.rank}, learning rate {config.learning_rate:.2g}"
    queue.add(project, run, title, found.seconds, found.joules)
    if not wizard.load_state(project).training_run:
        note(project, Step.TRAINING, base_model=str(base), training_run=run.name)
    return run.name


def queue_report(project: Project) -> dict[str, Any]:
    """Return the queue for ``--json``; seconds and joules as they are."""
    entries = queue.read_queue(project)
    whole = queue.total(entries)
    return {
        "trainings": [{**e.item.model_dump(mode="json"), "state": e.state} for e in entries],
        "seconds": [whole.seconds.low, whole.seconds.high],
        "joules": [whole.joules.low, whole.joules.high] if whole.joules else None,
    }


def queue_lines(report: dict[str, Any]) -> list[str]:
    """Return the queue as lines for people."""
    if not report["trainings"]:
        return ["Nothing waits. Add a training with: homelab-tuner train … --queue."]
    lines = [
        f"{one['run']} ({one['title']}): {one['state']}, {duration_text(Range(*one['seconds']))}"
        for one in report["trainings"]
    ]
    return [*lines, f"In all {duration_text(Range(*report['seconds']))}."]


def resume(project: Project, *, as_json: bool = False) -> dict[str, Any]:
    """Go on with the newest training run from its last whole checkpoint."""
    run = named_run(project, "")
    return _finish_training(project, run, training_params(run), as_json=as_json)


def _finish_training(
    project: Project, run: RunFolder, params: dict[str, Any], *, as_json: bool
) -> dict[str, Any]:
    facts = run_job(run, "train", params, as_json=as_json)
    if not facts["steps"]:
        raise UserFacingError(
            "training.no_steps",
            "The training was stopped before its first step, so nothing was trained.",
            "Start it again, and let it do some steps.",
        )
    if learned(facts):
        note(project, Step.COMPARISON, training_run=run.name, training_done=True)
    return facts
