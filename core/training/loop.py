"""The training loop: optimizer steps, validations, checkpoints, and the person's requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import UserFacingError
from core.hardware.guard import TrainingGuard
from core.jobs.events import (
    CheckpointSaved,
    Notice,
    SampleAnswer,
    StateChanged,
    TrainStep,
    Validation,
)
from core.jobs.link import JobLink, Request
from core.training.adapter import save_adapter
from core.training.checkpoint import Position, StepFolders, save_checkpoint
from core.training.config import TrainingConfig
from core.training.health import Health
from core.training.memory_ladder import MemoryLadder
from core.training.packing import PackedBatch, collate, pack
from core.training.schedule import Schedule
from core.training.tokens import TokenTable

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

    from core.evaluation.answers import Answerer

_STEPS_BEFORE_ETA = 3
_FULL_DISK_POLL_SECONDS = 2.0


@dataclass
class Run:
    """Everything one training works with.

    Attributes:
        validation: table of the unseen examples.
        checkpoints: where to resume from; the newest two are kept.
        best: the adapter of the best validation, in peft's format.
        position: where the run is; replaced after every step.
        ladder: how losses are computed, and what can be given up for memory.
        answerer: writes the sample answers; ``None`` for none.
        guard: holds the training back while the card is too hot; ``None`` never does.
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
    answerer: Answerer | None = None
    guard: TrainingGuard | None = None
    health: Health = field(default_factory=Health)
    _saved_at: float = field(default_factory=time.monotonic)
    _began: float = field(default_factory=time.monotonic)
    _steps_here: int = 0

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
    """
    run.model.train()
    if run.position.step == 0 and run.position.best_step < 0:
        _validate(run)
    while run.position.step < run.schedule.total_steps and not _patience_is_over(run):
        if _obey(run) is Request.STOP:
            return Request.STOP
        _one_step(run)
        if run.schedule.validates_after(run.position.step):
            _validate(run)
        elif time.monotonic() - run._saved_at > 60 * run.config.checkpoint_minutes:
            save(run)
    return Request.RUN


def _obey(run: Run) -> Request:
    run.link.check_cancelled()
    _let_cool_down(run)
    request = run.link.request()
    if request is Request.PAUSE:
        save(run)
        began = time.monotonic()
        request = run.link.wait_while_paused("You paused the training.")
        run._began += time.monotonic() - began
        run.link.check_cancelled()
    return request


def _let_cool_down(run: Run) -> None:
    """Wait while the card is too hot, everything saved, until it is cool or the person speaks."""
    if run.guard is not None and run.guard.must_wait:
        save(run)
        run._began += run.guard.before_step(lambda: run.link.request() is not Request.RUN)
        run.link.check_cancelled()


def micro_batches(table: TokenTable, rows: list[int], capacity: int) -> Iterator[PackedBatch]:
    """Yield the examples ``rows`` packed into micro-batches of at most ``capacity`` tokens."""
    for group in pack([table.lengths[i] for i in rows], capacity):
        yield collate([table.row(rows[i]) for i in group])


def _one_step(run: Run) -> None:
    """One optimizer step; the loss is normalised over the whole effective batch."""
    import torch

    began = time.monotonic()
    step = run.position.step
    rows = run.schedule.batch(step)
    random_state = torch.get_rng_state()

    def undo() -> None:
        run.optimizer.zero_grad(set_to_none=True)
        torch.set_rng_state(random_state)

    loss, tokens, trained = run.ladder.climb_down_until_it_fits(
        lambda: _gradient(run, rows), undo, run.link
    )
    norm = float(torch.nn.utils.clip_grad_norm_(run.parameters, run.config.clip_norm))
    rate = run.schedule.learning_rate(step)
    notice = run.health.after_step(loss, norm, rate)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    seconds = time.monotonic() - began
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
            trained_tokens=trained,
            seconds=round(seconds, 4),
            rows=tuple(rows),
            seconds_left=_seconds_left(run),
        )
    )
    if notice:
        run.link.emit(notice)


def _gradient(run: Run, rows: list[int]) -> tuple[float, int, int]:
    """Compute the gradient of an effective batch; return mean loss, tokens and trained tokens."""
    batches = list(micro_batches(run.train, rows, run.ladder.capacity))
    trained = sum(batch.trained_tokens for batch in batches)
    loss = sum(_backward_and_rest(run, batch, trained) for batch in batches)
    return loss, sum(batch.ids.size for batch in batches), trained


def _backward_and_rest(run: Run, batch: PackedBatch, trained: int) -> float:
    """Like :func:`backward`, with the rest that the card may need afterwards."""
    began = time.monotonic()
    loss = backward(run, batch, trained)
    if run.guard is not None:
        busy = time.monotonic() - began
        run.guard.after_micro_batch(busy, lambda: run.link.request() is not Request.RUN)
    return loss


def backward(run: Run, batch: PackedBatch, trained: int) -> float:
    """Add one micro-batch's share of the gradient; return its share of the mean loss."""
    loss = run.ladder.loss(batch) / trained
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


def _advance(run: Run, loss: float, seconds: float, tokens: int) -> None:
    run._steps_here += 1
    run.position = run.position.model_copy(
        update={
            "step": run.position.step + 1,
            "last_loss": loss,
            "seconds": run.position.seconds + seconds,
            "tokens": run.position.tokens + tokens,
        }
    )


def _seconds_left(run: Run) -> float | None:
    """All time since this session began, validations and saves included, scaled to the rest."""
    if run._steps_here < _STEPS_BEFORE_ETA:
        return None
    per_step = (time.monotonic() - run._began) / run._steps_here
    return round(per_step * (run.schedule.total_steps - run.position.step), 1)


def validation_loss(run: Run) -> float:
    """Return the mean loss on the validation part, in nats per trained token."""
    run.model.eval()
    loss = run.ladder.climb_down_until_it_fits(lambda: _unseen_loss(run), _nothing, run.link)
    run.model.train()
    return loss


def _unseen_loss(run: Run) -> float:
    import torch

    rows = list(range(len(run.validation)))
    total, trained = 0.0, 0
    with torch.no_grad():
        for batch in micro_batches(run.validation, rows, run.ladder.capacity):
            total += float(run.ladder.loss(batch))
            trained += batch.trained_tokens
    return total / trained


def _validate(run: Run) -> None:
    began = time.monotonic()
    run.link.progress("Checking on unseen examples")
    step, loss = run.position.step, validation_loss(run)
    is_best = loss < run.position.best_loss
    update = {"seconds": run.position.seconds + time.monotonic() - began}
    if step == 0:
        update["base_loss"] = loss
    if is_best:
        update |= {"best_loss": loss, "best_step": step}
        _save_or_wait(run, lambda: run.best.save(step, lambda f: save_adapter(run.model, f)))
    run.position = run.position.model_copy(update=update)
    epoch = run.schedule.epoch_at(step)
    run.link.emit(Validation(step=step, epoch=epoch, loss=loss, is_best=is_best))
    save(run)
    run.best.keep_only({run.position.best_step})
    if run.answerer:
        sample = run.answerer.sample
        question, answer = run.ladder.climb_down_until_it_fits(sample, _nothing, run.link)
        run.link.emit(SampleAnswer(step=step, question=question, answer=answer))
    run.health.base_loss = run.position.base_loss
    if notice := run.health.after_validation(loss, run.config.learning_rate):
        run.link.emit(notice)


def _nothing() -> None:
    """Reading alone leaves nothing behind that would have to be undone."""


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


def save(run: Run) -> None:
    """Save a checkpoint, keep the newest two; a full disk pauses the run until there is room."""

    def write() -> None:
        save_checkpoint(run.checkpoints, run.model, run.optimizer, run.position)

    _save_or_wait(run, write)
    run.checkpoints.keep_only(set(run.checkpoints.steps()[-2:]))
    run._saved_at = time.monotonic()
    run.link.emit(CheckpointSaved(step=run.position.step))


def _save_or_wait(run: Run, write: Callable[[], object]) -> None:
    """Retry a save while the disk is full; the person is told once.

    Raises:
        UserFacingError: another refusal of the disk, or the person asked to stop while waiting.
    """
    told = False
    while True:
        try:
            run.ladder.climb_down_until_it_fits(write, _nothing, run.link)
            break
        except UserFacingError as error:
            if error.code != "disk.full" or run.link.request() is Request.STOP:
                raise
            if not told:
                _tell_full_disk(run, error)
                told = True
            run.link.check_cancelled()
            time.sleep(_FULL_DISK_POLL_SECONDS)
    if told:
        run.link.emit(StateChanged(state="running"))


def _tell_full_disk(run: Run, error: UserFacingError) -> None:
    needed = 4 * sum(p.numel() for p in run.parameters) * 4 / 1e9  # adapter, AdamW's two, the best
    text = f"{error.what} The training waits; everything saved before is kept."
    todo = f"Free at least {max(needed, 0.1):.1f} GB; it goes on by itself."
    run.link.emit(Notice(level="problem", code="disk.full", text=text, todo=todo))
    run.link.emit(StateChanged(state="paused", reason=text))
