"""Training: a new run, more of a finished one, resuming, and the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core import wizard
from core.actions.plans import Choice, Here
from core.actions.state import RunJob, dataset_folder, named_run, note, remember
from core.config.training import TrainingConfig, save_config
from core.contract import plain
from core.errors import UserFacingError
from core.hardware.system.energy import Range
from core.jobs.spec import TrainingFacts, TrainParams, training_params, write_spec
from core.jobs.status import RunState
from core.language import N_, _
from core.planning.environment import examine_machine
from core.planning.estimate import Estimate, duration_text, estimate
from core.project import Project, RunFolder
from core.queue import entries as queue
from core.training.setup.warm_start import config_for_warm_start, params_for_warm_start
from core.wizard import Step


@dataclass(frozen=True, slots=True)
class Variant:
    """One run for the queue: what it is called, its settings, what it will take."""

    title: str
    config: TrainingConfig
    estimate: Estimate


def new_params(here: Here, cards: int = 0) -> TrainParams:
    """Return what a new run is asked.

    Args:
        cards: how many train together, 0 for as many as can.

    Raises:
        UserFacingError: this many cannot train together (code ``cards.count``).
    """
    return TrainParams(
        dataset_version=dataset_folder(here.project).name,
        base_model=str(here.base),
        processes=here.machine.processes(cards),
    )


def train(here: Here, config: TrainingConfig, *, run_job: RunJob, cards: int = 0) -> TrainingFacts:
    """Train in a new run; return its facts."""
    remember(here.project, here.base, here.facts)
    return _train_new(here.project, config, new_params(here, cards), run_job)


def train_from_adapter(
    project: Project,
    name: str,
    values: Mapping[str, object],
    *,
    run_job: RunJob,
    cards: int = 0,
) -> TrainingFacts:
    """Train a finished run's adapter further, in a new run with the project's present examples.

    Args:
        name: the finished run, ``""`` for the newest.
        values: settings that differ from those of the finished run.
        cards: how many train together, 0 for as many as can.
    """
    finished = named_run(project, name)
    config = config_for_warm_start(finished, values)
    params = params_for_warm_start(finished, dataset_folder(project).name)
    if cards:
        processes = examine_machine(project.root, None).processes(cards)
        params = params.model_copy(update={"processes": processes})
    return _train_new(project, config, params, run_job)


def _train_new(
    project: Project, config: TrainingConfig, params: TrainParams, run_job: RunJob
) -> TrainingFacts:
    run = new_run(project, "train", config)
    note(project, Step.TRAINING, base_model=params.base_model, training_run=run.name)
    return _finish_training(project, run, params, run_job, new=True)


def resume(project: Project, *, run_job: RunJob) -> TrainingFacts:
    """Continue the newest run from its last whole checkpoint."""
    run = named_run(project, "")
    return _finish_training(project, run, training_params(run), run_job, new=False)


def _finish_training(
    project: Project, run: RunFolder, params: TrainParams, run_job: RunJob, *, new: bool
) -> TrainingFacts:
    facts = run_job(run, params, new=new)
    if not facts.steps:
        raise UserFacingError(
            "training.no_steps",
            _("The run was stopped before its first step, so nothing was trained."),
            _("Start it again, and let it do some steps."),
        )
    if facts.learned:
        note(project, Step.COMPARISON, training_run=run.name, training_done=True)
    return facts


def new_run(project: Project, kind: str, config: TrainingConfig) -> RunFolder:
    """Make the folder of a trial or of a run, with its settings."""
    run = project.new_run(kind)
    save_config(config, run.config_file)
    return run


def ready_run(project: Project, config: TrainingConfig, params: TrainParams) -> RunFolder:
    """Make a run ready to be started, by the Training page or by the queue."""
    run = new_run(project, "train", config)
    write_spec(run, params)
    return run


def enqueue(project: Project, params: TrainParams, variants: Sequence[Variant]) -> list[str]:
    """Make a run ready for each variant and put it into the queue; return the runs' names."""
    names = []
    for variant in variants:
        run = ready_run(project, variant.config, params)
        found = variant.estimate
        queue.add(project, run, variant.title, found.seconds, found.joules)
        names.append(run.name)
    return names


def enqueue_choice(here: Here, choice: Choice, cards: int = 0) -> str:
    """Put one run into the queue; return its name."""
    project, where = here.project, here.plan_input(cards=cards)
    found = estimate(where, choice.config, here.machine.hardware, here.settings.tariff)
    remember(project, here.base, here.facts)
    variant = Variant(choice.title, choice.config, found)
    (name,) = enqueue(project, new_params(here, cards), [variant])
    if not wizard.load_state(project).training_run:
        note(project, Step.TRAINING, base_model=str(here.base), training_run=name)
    return name


_STATES = {
    RunState.WAITING: N_("waiting"),
    RunState.RUNNING: N_("running"),
    RunState.DONE: N_("done"),
    RunState.STOPPED: N_("stopped"),
    RunState.FAILED: N_("failed"),
    RunState.INTERRUPTED: N_("interrupted"),
}


@dataclass(frozen=True, slots=True)
class QueueReport:
    """The queue: its entries, and what they take in all."""

    entries: tuple[queue.QueueEntry, ...]
    total: queue.Total

    def document(self) -> dict[str, object]:
        """Return it for ``--json``; seconds and joules as they are."""
        whole = self.total
        return {
            "trainings": [
                {
                    **entry.item.model_dump(mode="json"),
                    "title": plain(entry.item.title),
                    "state": entry.state,
                }
                for entry in self.entries
            ],
            "seconds": [whole.seconds.low, whole.seconds.high],
            "joules": [whole.joules.low, whole.joules.high] if whole.joules else None,
        }

    def lines(self) -> list[str]:
        """Return it as lines to read."""
        if not self.entries:
            return [_("The queue is empty. Add a run with: homelab-tuner train … --queue")]
        lines = [
            _(
                "{run} ({title}): {state}, {time}",
                run=entry.item.run,
                title=entry.item.title,
                state=_(_STATES[entry.state]),
                time=duration_text(Range(*entry.item.seconds)),
            )
            for entry in self.entries
        ]
        total = _("Total: {time}.", time=duration_text(self.total.seconds))
        return [*map(str, lines), total]


def queue_report(project: Project) -> QueueReport:
    """Return the queue and what it takes."""
    entries = queue.read_queue(project)
    return QueueReport(entries, queue.total(entries))
