"""The steps of the way as functions: each runs its job and notes the result in the wizard state.

The terminal commands call these; the window runs the same jobs and keeps the same state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core import sample_project, wizard
from core.data.cleaning import Choices
from core.data.draft import ScanOptions
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions
from core.data.readers import ReadOptions
from core.data.report import check_guess, with_unlearnable
from core.errors import UserFacingError
from core.evaluation.job import DEFAULT_QUESTIONS
from core.files import write_json
from core.hardware.energy import Range, covers, money_range
from core.jobs import queue
from core.jobs.spec import training_params
from core.models.inspection import inspect_model
from core.models.sample import sample_model_folder
from core.models.whereabouts import remember_base
from core.planning.advice import advise
from core.planning.estimate import Estimate, Hardware, duration_text, estimate, memory_settings
from core.planning.memory import Badge, MemorySettings, badge
from core.planning.plan_text import plan_text, without_fast_path
from core.planning.presets import (
    Preset,
    Situation,
    changed_values,
    find_preset,
    presets,
    recommended,
    with_overrides,
)
from core.planning.surroundings import look_around
from core.project import Project, RunFolder
from core.settings import load_settings
from core.terminal import run_job
from core.training.config import TrainingConfig, save_config
from core.training.learning import Learning
from core.training.more import config_for_more, params_for_more
from core.training.result import learned
from core.wizard import Step

_GIB = 2**30


@contextmanager
def owned(project: Project) -> Iterator[None]:
    """Hold the project for writing.

    Raises:
        UserFacingError: a window or another command works in it.
    """
    lock = project.lock()
    try:
        yield
    finally:
        lock.release()


def note(project: Project, step: Step, **values: Any) -> None:
    """Save a result, so that the window opens at the right place."""
    state = wizard.load_state(project)
    state = wizard.give(state, project_chosen=True, **values)
    wizard.save_state(project, state.model_copy(update={"current": step}))


def scan_params(files: list[Path], read: ReadOptions | None = None) -> dict[str, Any]:
    """Return the parameters of a scan; what ``read`` does not say is guessed."""
    options = ScanOptions(read=read or ReadOptions()).model_dump(mode="json")
    paths = [str(path.absolute()) for path in files]
    return {"paths": paths, "options": options}


def prepare(
    project: Project,
    files: list[Path],
    choices: Choices | None = None,
    mixture: MixtureOptions | None = None,
    base: Path | None = None,
    *,
    read: ReadOptions | None = None,
    accept_guess: bool = False,
) -> dict[str, Any]:
    """Scan files and accept them with the default (or given) choices; return the report.

    Args:
        base: leave out what this base model cannot learn from, with its recommended preset.
        read: how to read the files, where the guess is not wanted.
        accept_guess: go on even if it is hardly clear which columns are question and answer.

    Raises:
        UserFacingError: ``dataset.unsure``, or what the jobs say.
    """
    found = run_job(project.new_run("scan"), "scan", scan_params(files, read))
    if not accept_guess:
        check_guess(found)
    params = {
        "choices": (choices or Choices()).model_dump(mode="json"),
        "mixture": (mixture or MixtureOptions()).model_dump(mode="json"),
    }
    report = run_job(project.new_run("prepare"), "prepare", params)
    note(project, Step.BASE_MODEL, dataset_version=report["content_hash"])
    return report if base is None else _learnable(project, base, report)


def _learnable(project: Project, base: Path, report: dict[str, Any]) -> dict[str, Any]:
    """Leave out what ``base`` cannot learn from and return the report of what is left."""
    _remember(project, base)
    params = {"dataset_version": report["content_hash"], "base_model": str(base)}
    learning = project.new_run("learning")
    run_job(learning, "learning", params)
    limit = config_for(project, base, "", {}).max_length
    if not len(Learning.load(learning).unlearnable(limit)):
        return report
    left = run_job(
        project.new_run("leave_out"),
        "leave_out",
        {"learning_run": learning.name, "max_length": limit},
    )
    note(project, Step.BASE_MODEL, dataset_version=left["content_hash"])
    return with_unlearnable(report, left)


def prepare_sample(project: Project) -> dict[str, Any]:
    """Accept the sample's examples with every suggestion taken."""
    choices = Choices()
    for kind in (Kind.HTML, Kind.NEAR_DUPLICATE, Kind.MIXED_FORMAT, Kind.TOO_LONG):
        choices = choices.with_action(kind, Action.FIX)
    return prepare(project, [sample_project.EXAMPLES], choices)


def ensure_base(project: Project, base: Path) -> None:
    """Make the sample model if it is the base and not there yet; refuse an unusable folder."""
    if base == sample_model_folder() and not base.exists():
        run_job(project.new_run("sample_model"), "sample_model", {})
    inspect_model(base)


def _remember(project: Project, base: Path) -> None:
    """Note what the project's base model is, so that it is found where the project is carried."""
    remember_base(project, str(base), inspect_model(base).fingerprint)


def dataset_folder(project: Project) -> Path:
    """Return the dataset version in use.

    Raises:
        UserFacingError: none was accepted yet.
    """
    version = wizard.load_state(project).dataset_version
    if not version:
        raise UserFacingError(
            "project.no_dataset",
            "This project has no examples yet.",
            "Add some with: homelab-tuner prepare FILE --project DIR.",
        )
    return project.version_folder(version)


def situation(project: Project, base: Path, vram: float | None = None, cards: int = 0) -> Situation:
    """Return what plans depend on.

    Args:
        vram: GiB that stand in for the card's free memory.
        cards: how many cards train together, 0 for as many as can (one for ``vram``).

    Raises:
        UserFacingError: so many cannot train together (code ``cards.count``).
    """
    here = look_around(project.root, dataset_folder(project))
    facts = inspect_model(base)
    if vram is None:
        here.card_params(cards)
        return here.situation(facts.shape, facts.model_type, cards)
    return Situation(
        facts.shape, here.data, "gpu", int(vram * _GIB), facts.model_type,
        host_memory=here.machine.ram_free, cards=max(1, cards),
    )  # fmt: skip


def cards_here(project: Project) -> int:
    """Return how many cards can train together on this computer, 1 without a card."""
    return max(1, look_around(project.root, dataset_folder(project)).training_cards)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one preset takes."""

    preset: Preset
    estimate: Estimate
    badge: Badge
    memory: MemorySettings
    words: str
    without_fast_path: str = ""
    advice: str = ""

    def sentence(self) -> str:
        """Return one line for people, and below it what is done with the memory."""
        parts = [
            f"{self.preset.title} ({self.preset.key}): {duration_text(self.estimate.seconds)}",
            self.badge.sentence.rstrip("."),
        ]
        if self.estimate.cost:
            settings = load_settings()
            cost = money_range(self.estimate.cost, settings.currency)
            parts.append(f"{cost} ({covers(settings.extra_watts)})")
        lines = [f"{'; '.join(parts)}.", f"  {self.words}", f"  {self.advice}"]
        return "\n".join(line for line in lines if line.strip())

    def to_json(self) -> dict[str, Any]:
        """Return the plan for ``--json``; seconds, bytes and money as they are."""
        cost = self.estimate.cost
        return {
            "preset": self.preset.key,
            "fits": self.badge.level,
            "memory_bytes": self.estimate.peak,
            "seconds": [self.estimate.seconds.low, self.estimate.seconds.high],
            "cost": [cost.low, cost.high] if cost else None,
            "plan": asdict(self.memory),
            "in_words": self.words,
            "without_fast_path": self.without_fast_path,
            "advice": self.advice,
            "config": self.preset.config.model_dump(mode="json"),
        }


def plans(project: Project, base: Path, vram: float | None = None, cards: int = 0) -> list[Plan]:
    """Return what every preset takes here; ``vram`` and ``cards`` as in :func:`situation`."""
    where = situation(project, base, vram, cards)
    hardware = look_around(project.root, None).hardware
    return [_plan(hardware, where, preset) for preset in presets(where)]


def chosen_plan(
    project: Project, base: Path, vram: float | None = None, cards: int = 0
) -> Plan | None:
    """Return what the choices made in the window take, ``None`` if there are none."""
    where = situation(project, base, vram, cards)
    chosen = chosen_in_window(project, where)
    return _plan(look_around(project.root, None).hardware, where, chosen) if chosen else None


def _plan(hardware: Hardware, where: Situation, preset: Preset) -> Plan:
    config = preset.config
    forecast = estimate(where, config, hardware, load_settings().tariff)
    problems = [advice for advice in advise(where, config) if advice.level == "problem"]
    return Plan(
        preset=preset,
        estimate=forecast,
        badge=badge(forecast.peak, where.free_memory, where.device),
        memory=memory_settings(where, config),
        words=plan_text(where, config),
        without_fast_path=without_fast_path(config, where.model_type),
        advice=" ".join(f"{problem.text} {problem.question}".strip() for problem in problems),
    )


def chosen_in_window(project: Project, where: Situation) -> Preset | None:
    """Return the preset that the person chose in the window, with the values changed there.

    Its title names both; ``None`` if nothing was chosen.
    """
    state = wizard.load_state(project)
    if not wizard.settings_chosen(state):
        return None
    preset = find_preset(where, state.preset)
    config = with_overrides(preset, state.overrides)
    changed = changed_values(preset, config)
    words = [preset.title, *(f"{name} {value}" for name, value in changed.items())]
    return replace(preset, title=f"Chosen in the window: {', '.join(words)}", config=config)


def config_for(project: Project, base: Path, preset: str, values: dict[str, Any]) -> TrainingConfig:
    """Return a preset's config with some values changed.

    Raises:
        UserFacingError: an unknown preset, or values that cannot be used.
    """
    where = situation(project, base)
    offered = [p.key for p in presets(where)]
    if preset and preset not in offered:
        raise UserFacingError(
            "preset.unknown",
            f"There is no preset “{preset}” for this model.",
            f"Choose one of: {', '.join(offered)}.",
        )
    return find_preset(where, preset or recommended(where)).config.with_values(values)


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
    _remember(project, base)
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
    finished = _run(project, name)
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
    run = _run(project, "")
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


def _run(project: Project, name: str) -> RunFolder:
    if name:
        return project.run(name)
    newest = project.latest_run("train")
    if newest is None:
        raise UserFacingError(
            "project.no_run",
            "This project has no training yet.",
            "Train first with: homelab-tuner train --project DIR --base MODEL.",
        )
    return newest


def evaluate(
    project: Project, name: str = "", questions: int = DEFAULT_QUESTIONS
) -> dict[str, Any]:
    """Compare a run's adapter with its base; return the scores."""
    run = _run(project, name)
    params = {
        "run": run.name,
        "questions": questions,
    }
    scores = run_job(project.new_run("evaluate"), "evaluate", params)
    note(project, Step.COMPARISON, finished_run=run.name, evaluated=True)
    return scores


def export(project: Project, name: str, to: Path, form: str = "adapter") -> dict[str, Any]:
    """Export a run's adapter; return where it is and how it was proved."""
    run = _run(project, name)
    params = {
        "run": run.name,
        "to": str(to.absolute()),
        "form": form,
    }
    result = run_job(project.new_run("export"), "export", params)
    note(project, Step.SAVING, finished_run=run.name, exported_to=result["folder"])
    return result


def free_name(folder: Path) -> Path:
    """Return ``folder``, or the first of ``folder-2``, ``folder-3``, … that does not exist."""
    number, candidate = 1, folder
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate
