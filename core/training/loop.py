"""The training loop: optimizer steps, validations, checkpoints, and the person's requests."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.hardware.awake import KeepAwake
from core.hardware.guard import TrainingGuard
from core.jobs.events import (
    CheckpointSaved,
    HealthVerdict,
    Notice,
    SampleAnswer,
    TrainStep,
    Validation,
)
from core.jobs.link import Ended, JobLink, Request
from core.jobs.supervisor import read_events
from core.training.adapter import save_adapter
from core.training.borrowed import StepTimes
from core.training.checkpoint import (
    Position,
    StepFolders,
    random_state,
    restore_random_state,
    save_checkpoint,
)
from core.training.config import TrainingConfig
from core.training.course import Practised
from core.training.health import Health, practised, stopping
from core.training.memory_ladder import MemoryLadder
from core.training.pace import Pace
from core.training.packing import Floats, PackedBatch, collate, pack
from core.training.ranks import ALONE, Ranks
from core.training.room import bytes_for_a_save, save_or_wait
from core.training.schedule import Schedule
from core.training.tokens import TokenTable
from core.training.watchdog import StepWatchdog

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

    from core.evaluation.answers import Answerer

_STEPS_TO_WARM_UP = 2  # compiling and first allocations: no measure of the steps that follow
# A pause has to wait for the end of the step, so a hot card cools down before the step goes on.
_ENDS_A_STEP_SOON = frozenset({Request.STOP, Request.CANCEL})
_ROWS_OF_A_TASK = 5  # fewer validation rows say nothing about a kind of task


@dataclass
class Run:
    """Everything one training works with.

    Attributes:
        validation: table of the unseen examples.
        checkpoints: where to resume from; the newest two are kept.
        best: the adapter of the best validation, in peft's format.
        position: where the run is; replaced after every step.
        ladder: how losses are computed, and what can be given up for memory.
        tasks: kind of task of each validation row, ``""`` where the data name none.
        answerer: writes the sample answers; ``None`` for none.
        awake: keeps the computer from falling asleep; ``None`` does not.
        guard: holds the training back while the card is too hot; ``None`` never does.
        ranks: this process among those that train together.
        watchdog: says when a step hangs; ``None`` never does.
        step_times: notices when the card borrows the computer's memory; ``None`` where none can.
    """

    config: TrainingConfig
    schedule: Schedule
    model: PeftModel
    optimizer: torch.optim.Optimizer
    train: TokenTable
    validation: TokenTable
    device: str
    link: JobLink
    checkpoints: StepFolders
    best: StepFolders
    position: Position
    ladder: MemoryLadder
    tasks: tuple[str, ...] = ()
    answerer: Answerer | None = None
    awake: KeepAwake | None = None
    guard: TrainingGuard | None = None
    ranks: Ranks = ALONE
    watchdog: StepWatchdog | None = None
    step_times: StepTimes | None = None
    health: Health = field(init=False)
    _saved_at: float = field(default_factory=time.monotonic)
    _steps_here: int = 0
    _waited: float = 0.0  # seconds, for a disk that refused

    def __post_init__(self) -> None:
        epoch_steps = len(self.train) / self.config.effective_batch
        self.health = Health(self.config.learning_rate, self.schedule.warmup_steps, epoch_steps)

    @property
    def parameters(self) -> list[torch.Tensor]:
        """The adapter's weights, in the optimizer's order."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]


def make_optimizer(model: PeftModel, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return AdamW over the adapter's float32 weights."""
    import torch

    trainable = [p for p in model.parameters() if p.requires_grad]
    return torch.optim.AdamW(trainable, lr=config.learning_rate, weight_decay=config.weight_decay)


def train(run: Run) -> Request:
    """Train until the last step, early stopping or a request; return what ended it.

    Returns:
        ``RUN`` when the run is complete (also by early stopping), ``STOP`` when the person stopped.

    Raises:
        UserFacingError: the loss is no number or the run diverged; best adapter and checkpoint
            are kept.
        Cancelled: the person cancelled.
        Ended: the system ends this process; a checkpoint of the last step is saved.
    """
    run.model.train()
    _recall(run)
    if run.position.best_step < 0:  # the first check, or the best adapter was found damaged
        _validate(run)
    while run.position.step < run.schedule.total_steps and not _patience_is_over(run):
        if _obey(run) is Request.STOP:
            return Request.STOP
        with run.watchdog.watch("step") if run.watchdog else nullcontext():
            _one_step(run)
        if run.schedule.validates_after(run.position.step):
            _validate(run)
        elif time.monotonic() - run._saved_at > 60 * run.config.checkpoint_minutes:
            _save_in_between(run)
    return Request.RUN


def _recall(run: Run) -> None:
    """A resumed run judges by what was told before, and knows its pace."""
    if run.position.step and not run._steps_here:
        run.health.recall(read_events(run.link.folder), run.position.step)
        _set_pace(run, run.position.pace.on_another_day())


def _obey(run: Run) -> Request:
    run.link.check_cancelled()
    _let_cool_down(run)
    request = run.link.request()
    if request in (Request.PAUSE, Request.END):
        save(run)
    if request is Request.PAUSE:
        with run.awake.let_sleep() if run.awake else nullcontext():
            request = run.link.wait_while_paused("You paused the training.")
        run.link.check_cancelled()
    if request is Request.END:
        raise Ended
    return request


def _let_cool_down(run: Run) -> None:
    """Wait while the card is too hot, everything saved, until it is cool or the person speaks."""
    if run.guard is not None and run.guard.must_wait:
        save(run)
        run.guard.before_step(lambda: run.link.request() is not Request.RUN)
        run.link.check_cancelled()


def micro_batches(table: TokenTable, rows: list[int], capacity: int) -> Iterator[PackedBatch]:
    """Yield the examples ``rows`` packed into micro-batches of at most ``capacity`` tokens."""
    for group in pack([table.lengths[i] for i in rows], capacity):
        yield collate([table.row(rows[i]) for i in group], group)


def _one_step(run: Run) -> None:
    """One optimizer step; the loss is normalised over the whole effective batch."""
    began, paused = time.monotonic(), _paused_seconds(run)
    step = run.position.step
    rows = run.schedule.batch(step)
    before = random_state()

    def undo() -> None:
        run.optimizer.zero_grad(set_to_none=True)
        restore_random_state(before)

    loss, examples = run.ladder.climb_down_until_it_fits(
        lambda: _gradient(run, rows), undo, run.link
    )
    tokens = sum(run.train.lengths[row] for row in rows)
    norm = run.ladder.climb_down_until_it_fits(lambda: _clipped(run), _nothing, run.link)
    rate = run.schedule.learning_rate(step)
    verdict = run.health.after_step(step + 1, loss, norm, examples)
    _stop_if_red(run, verdict)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    update(run)
    seconds = time.monotonic() - began - (_paused_seconds(run) - paused)
    _advance(run, loss, seconds, tokens)
    run.link.emit(
        TrainStep(
            step=step + 1,
            total_steps=run.schedule.total_steps,
            epoch=run.schedule.epoch_at(step + 1),
            loss=loss,
            learning_rate=rate,
            grad_norm=norm,
            tokens=tokens,
            trained_tokens=sum(example.tokens for example in examples),
            seconds=round(seconds, 4),
            rows=tuple(rows),
            row_losses=tuple(example.loss for example in examples),
            row_tokens=tuple(example.tokens for example in examples),
            seconds_left=_seconds_left(run),
        )
    )
    if verdict:
        run.link.emit(verdict)
    way = run.ladder.plan, run.ladder.capacity
    if run.step_times and (warning := run.step_times.after_step(seconds, tokens, way)):
        run.link.emit(warning)


def _clipped(run: Run) -> float:
    """Clip the gradient; return its norm before. If the memory ends here, nothing is changed."""
    import torch

    return float(torch.nn.utils.clip_grad_norm_(run.parameters, run.config.clip_norm))


def update(run: Run) -> None:
    """Let the optimizer apply the gradient, having made sure that it will not lack memory."""
    run.ladder.climb_down_until_it_fits(
        lambda: _make_room_for_update(run.optimizer), _nothing, run.link
    )
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)


def _make_room_for_update(optimizer: torch.optim.Optimizer) -> None:
    """Make the moments that AdamW would make now, and try the copy of them that it computes with.

    An update that fails half-way could not be repeated: some moments would have changed.
    """
    import torch

    trained = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    for parameter in trained:
        if not optimizer.state.get(parameter):
            optimizer.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
            }
    copies = [torch.empty_like(parameter) for parameter in trained]
    del copies  # the allocator keeps their blocks for the update


def _paused_seconds(run: Run) -> float:
    return run._waited + (run.guard.paused_seconds if run.guard else 0.0)


def _stop_if_red(run: Run, verdict: HealthVerdict | None) -> None:
    """End the run before anything of a bad step is applied.

    Raises:
        UserFacingError: the loss is no number, or the run diverged.
    """
    if verdict and verdict.level == "red":
        run.link.emit(verdict)
        raise stopping(verdict)


def _gradient(run: Run, rows: list[int]) -> tuple[float, list[Practised]]:
    """Compute the gradient of an effective batch; return its mean loss and that of each example."""
    batches = list(micro_batches(run.train, rows, _capacity(run, run.train, rows)))
    trained = sum(batch.trained_tokens for batch in batches)

    def my_share() -> tuple[Floats, torch.Tensor | None]:
        block = run.ranks.gradient_block(run.parameters)
        mine = np.zeros(len(rows))
        for batch in run.ranks.share(batches):
            mine[list(batch.places)] = _backward_and_rest(run, batch, trained)
        return mine, block

    mine, block = run.ranks.all_or_none(my_share)
    run.ranks.sum_gradients(block)
    sums = np.array(run.ranks.sum(*mine))
    tokens = [run.train.trained[row] for row in rows]
    means = np.round(sums / np.maximum(tokens, 1), 4).tolist()
    return float(sums.sum() / trained), practised(rows, means, tokens)


def _capacity(run: Run, table: TokenTable, rows: list[int]) -> int:
    tokens = sum(table.lengths[row] for row in rows)
    return run.ranks.capacity(run.ladder.capacity, tokens)


def _backward_and_rest(run: Run, batch: PackedBatch, trained: int) -> Floats:
    """Like :func:`backward`, with the rest that the card may need afterwards."""
    began = time.monotonic()
    sums = backward(run, batch, trained)
    if run.guard is not None:
        busy = time.monotonic() - began
        with run.watchdog.rest() if run.watchdog else nullcontext():
            run.guard.after_micro_batch(busy, lambda: run.link.request() in _ENDS_A_STEP_SOON)
    return sums


def backward(run: Run, batch: PackedBatch, trained: int) -> Floats:
    """Add one micro-batch's share of the gradient; return the summed loss of its examples [n].

    Args:
        trained: trained tokens of the whole effective batch.
    """
    loss, by_token = run.ladder.loss(batch)
    (loss / trained).backward()  # type: ignore[no-untyped-call]
    return batch.by_example(by_token.double().cpu().numpy())


def _advance(run: Run, loss: float, seconds: float, tokens: int) -> None:
    run._steps_here += 1
    pace = run.position.pace
    if run._steps_here > _STEPS_TO_WARM_UP:
        pace = pace.after_step(seconds, tokens)
    run.position = run.position.model_copy(
        update={
            "step": run.position.step + 1,
            "last_loss": loss,
            "seconds": run.position.seconds + seconds,
            "tokens": run.position.tokens + tokens,
            "pace": pace,
        }
    )


def _seconds_left(run: Run) -> float | None:
    """Time to the last step, by the pace so far; a validation that is due now counts too."""
    done, total = run.position.step, run.schedule.total_steps
    checks = run.schedule.validations_between(done - 1, total)
    per_step = sum(run.train.lengths) / len(run.train) * run.config.effective_batch
    mean = (total - done) * per_step  # batches differ in length, and a short rest may lie beyond
    tokens = min(max(total * per_step - run.position.tokens, 0.7 * mean), 1.3 * mean)
    left = run.position.pace.seconds_left(tokens, checks, 60 * run.config.checkpoint_minutes)
    return None if left is None else round(left, 3)


def validation_loss(run: Run) -> float:
    """Return the mean loss on the validation part, in nats per trained token."""
    return validation_losses(run)[0]


def validation_losses(run: Run) -> tuple[float, dict[str, float]]:
    """Return the mean loss on the validation part, and that of each kind of task in it."""
    run.model.eval()
    groups = _groups_by_task(run)
    losses = run.ladder.climb_down_until_it_fits(
        lambda: [_unseen_loss(run, rows) for rows in groups.values()], _nothing, run.link
    )
    run.model.train()
    mean = sum(total for total, _ in losses) / sum(trained for _, trained in losses)
    pairs = zip(groups, losses, strict=True)
    return mean, {task: total / trained for task, (total, trained) in pairs if task}


def _groups_by_task(run: Run) -> dict[str, list[int]]:
    """Rows by kind of task; those of a task with too few rows to tell anything go under ``""``."""
    rows, tasks = range(len(run.validation)), run.tasks
    counts = Counter(tasks)
    large = {task for task, count in counts.items() if task and count >= _ROWS_OF_A_TASK}
    if len(tasks) != len(rows) or len(counts) < 2:
        large = set()
    groups: dict[str, list[int]] = {}
    for row in rows:
        task = tasks[row] if large and tasks[row] in large else ""
        groups.setdefault(task, []).append(row)
    return groups


def _unseen_loss(run: Run, rows: list[int]) -> tuple[float, int]:
    """Return the summed loss of some validation rows and their trained tokens."""
    batches = list(micro_batches(run.validation, rows, _capacity(run, run.validation, rows)))
    share = run.ranks.share(batches)
    total = run.ranks.all_or_none(lambda: _summed_without_gradient(run, share))
    return run.ranks.sum(total)[0], sum(batch.trained_tokens for batch in batches)


def _summed_without_gradient(run: Run, batches: list[PackedBatch]) -> float:
    import torch

    with torch.no_grad():
        return float(sum(float(run.ladder.loss(batch)[0]) for batch in batches))


def _validate(run: Run) -> None:
    with run.watchdog.watch("check") if run.watchdog else nullcontext():
        _check_and_save(run)


def _check_and_save(run: Run) -> None:
    began, paused = time.monotonic(), _paused_seconds(run)
    run.link.progress("Checking on unseen examples")
    step = run.position.step
    loss, by_task = validation_losses(run)
    is_best = loss < run.position.best_loss
    update = {"seconds": run.position.seconds + time.monotonic() - began}
    if step == 0:
        update["base_loss"] = loss
    if is_best:
        update |= {"best_loss": loss, "best_step": step}
        _write(run, lambda: run.best.save(step, lambda f: save_adapter(run.model, f)))
    run.position = run.position.model_copy(update=update)
    epoch = run.schedule.epoch_at(step)
    run.link.emit(Validation(step=step, epoch=epoch, loss=loss, is_best=is_best, by_task=by_task))
    run.health.base_loss = run.position.base_loss
    verdict = run.health.after_validation(step, loss, by_task)
    _stop_if_red(run, verdict)  # before its state would become the newest checkpoint
    if verdict:
        run.link.emit(verdict)
    save(run)
    run.best.keep_only({run.position.best_step})
    rambled = _sample_answer(run, run.answerer) if run.answerer else 0.0
    seconds = time.monotonic() - began - (_paused_seconds(run) - paused)
    _set_pace(run, run.position.pace.after_check(seconds - rambled))


def _sample_answer(run: Run, answerer: Answerer) -> float:
    """Tell a sample answer; return the seconds that it took beyond an answer of the usual length.

    An untrained model writes on to the limit; later answers are as short as those of the examples.
    """
    began = time.monotonic()
    sample = answerer.sample
    question, answer = run.ladder.climb_down_until_it_fits(sample, _nothing, run.link)
    seconds = time.monotonic() - began
    run.link.emit(SampleAnswer(step=run.position.step, question=question, answer=answer))
    written = len(answerer.tokenizer(answer)["input_ids"]) + 1
    usual = sum(run.train.trained) / len(run.train)
    return seconds * max(0.0, 1 - usual / written)


def _set_pace(run: Run, pace: Pace) -> None:
    run.position = run.position.model_copy(update={"pace": pace})


def _nothing() -> None:
    """Such work leaves nothing behind that would have to be undone."""


def _patience_is_over(run: Run) -> bool:
    """Judged from the position alone, so that a resumed run stops where the first one would."""
    step, patience = run.position.step, run.config.patience_epochs
    waited = run.schedule.epoch_at(step - run.position.best_step)
    # Steps and epochs do not divide evenly: half a step of slack keeps "half an epoch" two checks.
    slack = 0.5 * run.schedule.epoch_at(1)
    if not patience or not run.schedule.validates_after(step) or waited + slack < patience:
        return False
    run.link.emit(
        Notice(
            level="good",
            code="training.early_stop",
            text=f"Unseen examples have not improved for {waited:.2g} epochs, so we stopped early.",
            todo="The best version is kept.",
        )
    )
    return True


def _save_in_between(run: Run) -> None:
    began, paused = time.monotonic(), _paused_seconds(run)
    save(run)
    seconds = time.monotonic() - began - (_paused_seconds(run) - paused)
    _set_pace(run, run.position.pace.after_save(seconds))


def save(run: Run) -> None:
    """Save a checkpoint, keep the newest two; a full disk pauses the run until there is room."""
    _write(run, lambda: save_checkpoint(run.checkpoints, run.model, run.optimizer, run.position))
    run.checkpoints.keep_only(set(run.checkpoints.steps()[-2:]))
    run._saved_at = time.monotonic()
    run.link.emit(CheckpointSaved(step=run.position.step))


def _write(run: Run, write: Callable[[], object]) -> None:
    """Save something; a disk that refuses, and a memory that is full, pause the run at most."""
    if not run.ranks.first:
        return
    needed = bytes_for_a_save(sum(p.numel() for p in run.parameters))
    in_memory = partial(run.ladder.climb_down_until_it_fits, write, _nothing, run.link)
    with run.watchdog.rest() if run.watchdog else nullcontext():  # a full disk may take its time
        run._waited += save_or_wait(run.link, in_memory, needed)
