"""The jobs ``trial`` and ``train``: from a run folder's parameters to an adapter.

What they are asked to do is in :mod:`core.jobs.spec`; the training configuration is ``config.yaml``
in the run folder.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING, Any

from core.chat.everyday import early_questions, right_rows
from core.config.training import TrainingConfig, load_config
from core.data.dataset import DatasetVersion
from core.data.example import Message
from core.events import Notice
from core.hardware.system.awake import KeepAwake
from core.hardware.system.energy import Usage, usage_of
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import TelemetryThread
from core.jobs.link import JobLink, Request, Stopped
from core.jobs.spec import TrainingFacts, TrainParams, TrialParams, TrialResult
from core.jobs.supervisor import read_events
from core.language import _
from core.models.contents import contents_of, require_sound
from core.models.inspection import ModelFacts, inspect_model
from core.models.loading import count_parameters, load_tokenizer, training_device
from core.models.whereabouts import find_base, remember_base
from core.project import Project, RunFolder
from core.settings import SettingsFile
from core.storage.files import write_json
from core.training.checkpoints.checkpoint import Position, StepFolders
from core.training.checkpoints.disk_space import (
    bytes_for_a_run,
    folder_bytes,
    require_room,
    save_or_wait,
)
from core.training.checkpoints.environment import compare_and_record, environment, require_card
from core.training.distributed.ranks import ALONE, Ranks, cards_together, device_of
from core.training.distributed.workers import DistributedWorkers
from core.training.judged import measure_start
from core.training.loop import train_steps
from core.training.memory.fallback import load_twice
from core.training.memory.vram_spill import watched
from core.training.monitor.heat_settings import HeatSettings, throttle_target
from core.training.monitor.watchdog import StepWatchdog
from core.training.preferences.questions import judged_before, judged_in
from core.training.resumption import resume
from core.training.run import Run
from core.training.saving import save
from core.training.schedule import Schedule
from core.training.setup.fitting import Fit, correct, free_room, load_planned
from core.training.setup.judgements import preferences_of
from core.training.setup.precision import settle_precision
from core.training.setup.probe import probe_run
from core.training.setup.tables import part_table, tasks_of
from core.training.setup.warm_start import start_from
from core.training.step import make_optimizer
from core.training.trial import measure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_FACTS_BYTES = 1_000_000
_LOOKED_AT, _TELLING = 50, 12  # examples, letters: to find one whose answers are worth reading


def run_train(folder: RunFolder, params: TrainParams, link: JobLink) -> TrainingFacts:
    """Train, or continue from the newest whole checkpoint; gives the facts of ``facts.json``.

    Raises:
        UserFacingError: the card cannot be reached; otherwise see
            :func:`core.training.loop.train_steps`.
        Stopped: you stopped it; the best adapter so far is kept.
        Ended: the system ended it; it can continue from its last step.
    """
    require_card(folder, training_device())
    count = _processes(params, link)
    with DistributedWorkers(folder, count, cards=training_device() != "cpu") as workers:
        return _train(folder, params, link, workers.ranks)


def _processes(params: TrainParams, link: JobLink) -> int:
    """How many train together: as many as chosen, if that many cards are still there."""
    if params.preferences:
        return 1
    chosen = params.processes or 0
    if training_device() == "cpu":
        return chosen or 1
    there = cards_together()
    if chosen > there:
        text = _(
            "This run was set to use {wanted} cards, but only {there} can be used now.",
            wanted=chosen,
            there=there,
        )
        todo = _("It learns the same, only more slowly.")
        link.emit(Notice(level="warning", code="training.fewer_cards", text=text, todo=todo))
    return min(chosen or there, there)


def _train(folder: RunFolder, params: TrainParams, link: JobLink, ranks: Ranks) -> TrainingFacts:
    run = assemble_run(folder, params, link, ranks)
    judged = judged_before(Project.of_run(folder), params.more_of) | judged_in(folder, params)
    _begin(run, folder)
    preferences = SettingsFile()
    settings = preferences.current
    awake = KeepAwake(link, wanted=settings.keep_awake)
    readings = TelemetryThread(
        link, cards=_cards(run.device, ranks), heat_limit=settings.heat_limit
    )
    run.guard = TrainingGuard(readings, link, throttle_target(settings))
    readings.before_round = HeatSettings(preferences, readings, run.guard, link).follow
    watchdog = StepWatchdog(link, readings.look)
    with awake as run.awake, readings, watchdog as run.watchdog, link.may_save_at_the_end():
        ended_by = train_steps(run)
        if ended_by is Request.STOP:
            save(run)
    facts = _facts(run, params, usage_of(read_events(folder)), judged)
    if run.position.step:  # without a step there is no result
        save_or_wait(link, lambda: write_json(folder.facts_file, facts.document()), _FACTS_BYTES)
    if notice := _nothing_gained(facts):
        link.emit(notice)
    if ended_by is Request.STOP:
        raise Stopped(facts)
    return facts


def _nothing_gained(facts: TrainingFacts) -> Notice | None:
    """Say that a run did not help, which its end alone does not show."""
    if facts.learned or not facts.steps:
        return None
    return Notice(
        level="warning",
        code="training.no_gain",
        text=_(
            "On unseen examples, the model never became better than it was before the first step, "
            "so there is nothing to compare or save."
        ),
        todo=_("Train again with more examples, more epochs or another learning rate."),
    )


def _begin(run: Run, folder: RunFolder) -> None:
    """Continue from the newest whole checkpoint; refuse now what would fail hours later.

    Raises:
        UserFacingError: the disk has no room for what this run will save, or the checkpoint belongs
            to another run.
    """
    resume(run)
    kept = folder_bytes(folder.checkpoints, folder.best)
    trainable, _total = count_parameters(run.model)
    require_room(folder.root, bytes_for_a_run(trainable, kept))
    if notice := compare_and_record(folder, environment(run.device)):
        run.link.emit(notice)


def run_trial(folder: RunFolder, params: TrialParams, link: JobLink) -> TrialResult:
    """Measure a few real micro-batches of the longest examples; gives what ``measure`` returns.

    Raises:
        UserFacingError: see :func:`assemble_run`; code ``card.unreachable`` where the card is lost.
    """
    require_card(folder, training_device())
    run = assemble_run(folder, params, link)
    with TelemetryThread(link, cards=_cards(run.device)) as telemetry:
        measured = measure(run, folder.root / "trial-save")
    used = {"energy_joules": telemetry.energy_joules, "watts": telemetry.mean_watts}
    result = measured.model_copy(update=used)
    write_json(folder.trial_file, result.document())
    return result


def _cards(device: str, ranks: Ranks = ALONE) -> tuple[str, ...]:
    """The cards as the driver names them: torch's numbers may be in another order than NVML's."""
    if device == "cpu":
        return ()
    import torch

    used = range(ranks.world) if ranks.world > 1 else [torch.device(device).index or 0]
    return tuple(f"GPU-{torch.cuda.get_device_properties(number).uuid}" for number in used)


def assemble_run(
    folder: RunFolder, params: TrainParams | TrialParams, link: JobLink, ranks: Ranks = ALONE
) -> Run:
    """Load everything a run needs.

    Args:
        ranks: this process among those that train together.

    Raises:
        UserFacingError: data or base model are missing or cannot be used.
    """
    config = load_config(folder.config_file)
    project = Project.of_run(folder)
    base_folder = find_base(project, params.base_model)
    facts = inspect_model(base_folder)
    if ranks.first:
        remember_base(project, params.base_model, facts.fingerprint)
        remember_base(project, str(base_folder), facts.fingerprint)
    version = DatasetVersion.load(project.version_folder(params.dataset_version))
    contents = _checked_contents(facts, version, link) if ranks.first else ""
    link.progress(_("Reading the examples"))
    tokenizer = load_tokenizer(base_folder)
    shared: Any = {"version": version, "tokenizer": tokenizer, "config": config, "ranks": ranks}
    judged = getattr(params, "preferences", None)
    preferences = judged and preferences_of(folder, judged, tokenizer, config, link)
    if preferences:
        training, unseen = preferences.train.table, preferences.validation.table
    else:
        training = part_table(folder, link, part="train", **shared)
        unseen = part_table(folder, link, part="validation", **shared)
    link.progress(_("Loading the base model"))
    device = device_of(ranks)
    fit = Fit.of(facts, config, free_room(device, ranks))
    model, fallback = load_twice(lambda: load_planned(base_folder, fit, device, link), link)
    fallback.longest = max(*training.lengths, *unseen.lengths)
    fingerprint = f"{version.content_hash} {facts.fingerprint} {config.model_dump_json()}"
    if params.more_of:
        fingerprint += f" {start_from(model, project, params.more_of, facts)}"
    asked = (preferences.question, "") if preferences else _sample(version)
    if judged:
        fingerprint += f" {judged.model_dump_json()}"
    run = Run(
        config=config,
        schedule=Schedule(config, len(preferences.train if preferences else training)),
        model=model,
        optimizer=make_optimizer(model, config),
        train=training,
        validation=unseen,
        device=device,
        link=link,
        checkpoints=StepFolders(folder.checkpoints),
        best=StepFolders(folder.best),
        position=Position(fingerprint=fingerprint, contents=contents),
        fallback=fallback,
        tasks=() if preferences else tasks_of(version, unseen),
        preferences=preferences,
        everyday=right_rows(tokenizer, early_questions()),
        answerer=_answerer(model, tokenizer, *asked) if _answers(config, ranks) else None,
        ranks=ranks,
        step_times=watched(device),
    )
    probe_run(run)
    correct(run, fit)
    settle_precision(run)
    if preferences:
        measure_start(run, folder)
    return run


def _checked_contents(facts: ModelFacts, version: DatasetVersion, link: JobLink) -> str:
    """Return the hash of the base's weights; base and examples are what they are taken for.

    Raises:
        UserFacingError: weights that are broken, or examples that were changed.
    """
    version.verify()

    def progress(done: int, total: int) -> None:
        link.progress(_("Checking the base model"), done >> 20, total >> 20, "MiB")
        link.check_cancelled()

    require_sound(facts, progress)
    return contents_of(facts)


def _answers(config: TrainingConfig, ranks: Ranks) -> bool:
    return config.sample_answers and ranks.first


def _sample(version: DatasetVersion) -> tuple[tuple[Message, ...], str]:
    """Return question and answer of the first unseen example that asks and answers something.

    A chat may end in "thanks" and "ok"; it is cut before, at an answer that can be compared.
    """
    looked_at = [example.messages for example in islice(version.examples("validation"), _LOOKED_AT)]
    for messages in looked_at:
        for end in range(len(messages), 1, -1):
            asked, answered = messages[end - 2 : end]
            told = min(len(asked.content), len(answered.content)) >= _TELLING
            if (asked.role, answered.role) == ("user", "assistant") and told:
                return messages[: end - 1], answered.content
    return looked_at[0][:-1], looked_at[0][-1].content


def _answerer(
    model: Any, tokenizer: PreTrainedTokenizerBase, question: tuple[Message, ...], expected: str
) -> Any:
    from core.generation.answers import Answerer

    return Answerer(model, tokenizer, question, expected=expected)


def _facts(
    run: Run, params: TrainParams, used: Usage | None, judged: Collection[str]
) -> TrainingFacts:
    trainable, _total = count_parameters(run.model)
    position = run.position
    return TrainingFacts(
        dataset_version=params.dataset_version,
        base_model=params.base_model,
        more_of=params.more_of,
        processes=params.processes,
        preferences=True if params.preferences else None,
        judged_questions=tuple(sorted(judged)),
        steps=position.step,
        total_steps=run.schedule.total_steps,
        epochs=run.schedule.epoch_at(position.step),
        base_contents=position.contents,
        base_loss=position.base_loss,
        best_loss=position.best_loss,
        best_step=position.best_step,
        last_loss=position.last_loss,
        seconds=round(position.seconds, 1),
        tokens=position.tokens,
        trainable_parameters=trainable,
        energy_joules=used.joules if used else None,
        energy_seconds=round(used.seconds, 1) if used else None,
        energy_missed=round(used.missed, 1) if used else None,
        device=run.device,
        environment=environment(run.device),
    )
