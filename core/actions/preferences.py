"""Learning from what was judged: a run that begins with a fine-tune, started or queued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core import wizard
from core.actions.state import RunJob, note
from core.actions.training import new_run
from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.hardware.system.energy import Range
from core.jobs.spec import (
    PreferenceParams,
    TrainingFacts,
    training_params,
    write_spec,
)
from core.language import _
from core.preferences.collection import Collected, collect
from core.project import Project, RunFolder
from core.queue import entries as queue
from core.training.preferences.judgement import Judgement, write_judgements
from core.training.result import is_fine_tune, read_facts, read_trained
from core.training.setup.warm_start import config_for_warm_start, params_for_warm_start
from core.wizard import Step

_RATE = 0.1  # of that of the run which it begins with
_FEW, _MANY = 150, 600  # judgements
_LETTERS = 3.5  # of a token
_FORWARD = 1 / 3  # of the time of a whole pass
_SPREAD = Range(0.6, 2.0)
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Lesson:
    """What would be learned, and how.

    Attributes:
        run: the fine-tune that it begins with.
        config: the settings of the new run.
        seconds: what it will take.
    """

    collected: Collected
    run: RunFolder
    config: TrainingConfig
    seconds: Range


def prepare_lesson(
    project: Project, name: str = "", values: Mapping[str, object] | None = None
) -> Lesson:
    """Look at what was judged. Seconds, so not for the window's thread.

    Args:
        name: the fine-tune to begin with, ``""`` for the newest.
        values: settings that differ from the usual ones.

    Raises:
        UserFacingError: there is no such fine-tune, or settings that cannot be used.
    """
    run = _fine_tune(project, name)
    collected = collect(project)
    config = lesson_config(run, len(collected.judgements), values or {})
    return Lesson(collected, run, config, _seconds(run, collected, config))


def _fine_tune(project: Project, name: str) -> RunFolder:
    if name:
        run = project.run(name)
        read_trained(run)
        return run
    runs = sorted(project.runs("train"), key=lambda run: run.name, reverse=True)
    found = next(filter(is_fine_tune, runs), None)
    if found is None:
        raise UserFacingError(
            "preferences.no_run",
            _("Learning from ratings begins with a fine-tune, and this project has none yet."),
            _("Train one first."),
        )
    return found


def lesson_config(run: RunFolder, count: int, values: Mapping[str, object]) -> TrainingConfig:
    """Return the settings with which a fine-tune learns from ``count`` judgements.

    Raises:
        UserFacingError: values that cannot be used.
    """
    usual: dict[str, object] = {
        "learning_rate": _RATE * load_config(run.config_file).learning_rate,
        "epochs": 3.0 if count < _FEW else 2.0 if count < _MANY else 1.0,
        "effective_batch": max(4, min(32, count // 12)),
        "warmup_fraction": 0.1,
        "validations_per_epoch": 2,
        "patience_epochs": 1.0,
        "dropout": 0.0,
        "weight_decay": 0.0,
        "precision": "bf16",
    }
    return config_for_warm_start(run, {**usual, **values})


def _seconds(run: RunFolder, collected: Collected, config: TrainingConfig) -> Range:
    """Return what it will take, by the speed of the run that it begins with."""
    facts = read_facts(run)
    speed = facts.tokens / facts.seconds if facts.tokens and facts.seconds else 0.0
    if not speed:
        return Range(0.0, 0.0)
    learned = _tokens(one for one in collected.judgements if not one.held_out)
    unseen = _tokens(one for one in collected.judgements if one.held_out)
    checks = 1 + config.epochs * config.validations_per_epoch
    passes = learned * (config.epochs * (1 + _FORWARD) + _FORWARD)
    seconds = (passes + unseen * _FORWARD * (1 + checks)) / speed
    return Range(_START_SECONDS + _SPREAD.low * seconds, _START_SECONDS + _SPREAD.high * seconds)


def _tokens(judgements: Iterable[Judgement]) -> float:
    letters = 0
    for one in judgements:
        replies = (one.answer, one.other or one.answer)
        letters += 2 * len(one.question) + sum(len(r.text) + len(r.reasoning) for r in replies)
    return letters / _LETTERS


def ready_lesson(project: Project, lesson: Lesson, *, beta: float | None = None) -> RunFolder:
    """Make a run ready to be started, by the Training page or by the queue.

    Args:
        beta: how far the model may move, ``None`` for as far as usual.

    Raises:
        UserFacingError: too little was judged, or the disk refuses.
    """
    if refusal := lesson.collected.refusal():
        raise refusal
    version = training_params(lesson.run).dataset_version
    params = params_for_warm_start(lesson.run, version)
    run = new_run(project, "train", lesson.config)
    known = write_judgements(run, lesson.collected.judgements)
    chosen = {} if beta is None else {"beta": beta}
    asked = PreferenceParams(judgements=known, **chosen)
    write_spec(run, params.model_copy(update={"preferences": asked}))
    return run


def learn_from_ratings(
    project: Project,
    lesson: Lesson,
    *,
    run_job: RunJob,
    beta: float | None = None,
) -> TrainingFacts:
    """Learn in a new run; return its facts."""
    run = ready_lesson(project, lesson, beta=beta)
    params = training_params(run)
    note(project, Step.TRAINING, base_model=params.base_model, training_run=run.name)
    facts = run_job(run, params)
    if facts.learned:
        note(project, Step.COMPARISON, training_run=run.name, training_done=True)
    return facts


def enqueue_lesson(project: Project, lesson: Lesson) -> str:
    """Let it wait in the queue; return the run's name."""
    run = ready_lesson(project, lesson)
    queue.add(project, run, _("From your ratings"), lesson.seconds, None)
    if not wizard.load_state(project).training_run:
        note(project, Step.TRAINING, training_run=run.name)
    return run.name
