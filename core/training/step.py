"""One optimizer step: the gradient of an effective batch, its clipping, the update."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from core.chat.packing import Floats, PackedBatch
from core.config.training import TrainingConfig
from core.events import TrainStep
from core.jobs.link import Request
from core.training.checkpoints.checkpoint import (
    random_state,
    restore_random_state,
    step_device,
)
from core.training.judged import gradient, rows_of
from core.training.memory.fallback import nothing
from core.training.monitor.health import row_losses
from core.training.monitor.history import RowLoss
from core.training.run import Run

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

_STEPS_TO_WARM_UP = 2  # compiling and first allocations: no measure of the steps that follow
# A pause has to wait for the end of the step, so a hot card cools down before the step continues.
_ENDS_A_STEP_SOON = frozenset({Request.STOP, Request.CANCEL, Request.END})


def make_optimizer(model: PeftModel, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return AdamW over the adapter's float32 weights.

    On a card it is fused into few kernels, because there are hundreds of small weights and the
    card would wait for the processor to start each kernel.

    Source: Loshchilov & Hutter, 2017, *Decoupled Weight Decay Regularization*.
    """
    import torch

    trainable = [p for p in model.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        trainable,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=trainable[0].is_cuda,
    )


def one_step(run: Run) -> None:
    """One optimizer step; the loss is normalised over the whole effective batch."""
    began, paused = time.monotonic(), run.paused_seconds
    step = run.position.step
    chosen = run.schedule.batch(step)
    rows = chosen if run.preferences is None else rows_of(chosen)
    before = random_state()

    def undo() -> None:
        run.optimizer.zero_grad(set_to_none=True)
        restore_random_state(before)

    loss, examples = run.fallback.fall_back_until_it_fits(
        lambda: _gradient(run, chosen), undo, run.link
    )
    tokens = sum(run.train.lengths[row] for row in rows)
    norm = run.fallback.fall_back_until_it_fits(lambda: _clipped(run), nothing, run.link)
    rate = run.schedule.learning_rate(step)
    verdict = run.health.after_step(step + 1, loss, norm, examples)
    run.stop_if_red(verdict)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    update(run)
    seconds = time.monotonic() - began - (run.paused_seconds - paused)
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
            trained_tokens=sum(run.train.trained[row] for row in rows),
            seconds=round(seconds, 4),
            rows=tuple(example.row for example in examples),
            row_losses=tuple(example.loss for example in examples),
            row_tokens=tuple(example.tokens for example in examples),
            seconds_left=_seconds_left(run),
        )
    )
    if verdict:
        run.link.emit(verdict)
    way = run.fallback.plan, run.fallback.capacity
    if run.step_times and (warning := run.step_times.after_step(seconds, tokens, way)):
        run.link.emit(warning)


def _gradient(run: Run, rows: list[int]) -> tuple[float, list[RowLoss]]:
    """Compute the gradient of an effective batch; return its mean loss and that of each example.

    Judgements are no examples, so of theirs only the mean is known.
    """
    if run.preferences is not None:
        return gradient(run, rows, _backward_and_rest), []
    batches = run.micro_batches(run.train, rows)
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
    places = [run.train.examples[row] for row in rows]
    return float(sums.sum() / trained), row_losses(places, means, tokens)


def _backward_and_rest(run: Run, batch: PackedBatch, trained: int) -> Floats:
    """Like :func:`backward`, with the rest that the card may need afterwards."""
    began = time.monotonic()
    sums = backward(run, batch, trained)
    if run.guard is not None:
        busy = time.monotonic() - began
        with run.resting():
            run.guard.after_micro_batch(busy, lambda: run.link.request() in _ENDS_A_STEP_SOON)
    return sums


def backward(run: Run, batch: PackedBatch, trained: int) -> Floats:
    """Add one micro-batch's share of the gradient; return the summed loss of its examples [n].

    Args:
        trained: trained tokens of the whole effective batch.
    """
    loss, by_token = run.fallback.loss(batch)
    (loss / trained).backward()  # type: ignore[no-untyped-call]
    return batch.by_example(by_token.double().cpu().numpy())


def _clipped(run: Run) -> float:
    """Clip the gradient; return its norm before. If the memory ends here, nothing is changed."""
    import torch

    return float(torch.nn.utils.clip_grad_norm_(run.parameters, run.config.clip_norm))


def update(run: Run) -> None:
    """Let the optimizer apply the gradient, having made sure that it will not lack memory."""
    run.fallback.fall_back_until_it_fits(
        lambda: _make_room_for_update(run.optimizer), nothing, run.link
    )
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)


def _make_room_for_update(optimizer: torch.optim.Optimizer) -> None:
    """Make the moments that AdamW would make now, and try the copy of them that it may need.

    An update that fails half-way could not be repeated: some moments would have changed.
    """
    import torch

    trained = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    for parameter in trained:
        if not optimizer.state.get(parameter):
            optimizer.state[parameter] = {
                "step": torch.zeros((), device=step_device(optimizer, parameter)),
                "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
                "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
            }
    if not optimizer.defaults["fused"]:
        copies = [torch.empty_like(parameter) for parameter in trained]
        del copies  # the allocator keeps their blocks for the update


def _advance(run: Run, loss: float, seconds: float, tokens: int) -> None:
    run.steps_here += 1
    pace = run.position.pace
    if run.steps_here > _STEPS_TO_WARM_UP:
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
    per_step = sum(run.train.lengths) / run.schedule.examples * run.schedule.effective_batch
    mean = (total - done) * per_step  # batches differ in length, and a short rest may lie beyond
    tokens = min(max(total * per_step - run.position.tokens, 0.7 * mean), 1.3 * mean)
    left = run.position.pace.seconds_left(tokens, checks, 60 * run.config.checkpoint_minutes)
    return None if left is None else round(left, 3)
