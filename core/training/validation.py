"""A check on unseen examples: its losses, the best adapter kept, a checkpoint, a sample answer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.chat.packing import Floats, PackedBatch
from core.events import Notice, SampleAnswer, Validation
from core.language import _
from core.training.adapter import save_adapter
from core.training.judged import unseen_loss
from core.training.memory.fallback import nothing
from core.training.monitor.subject import foreign_subject
from core.training.run import Run
from core.training.saving import save, write

if TYPE_CHECKING:
    from core.generation.answers import Answerer

Measured = TypeVar("Measured")  # not shown: a type
_LEAST_STEPS_OF_PATIENCE = 2
_MOST_ROWS = 100  # of which the check tells the losses of each
_ROWS_OF_A_TASK = 5  # fewer validation rows say nothing about a kind of task


def validate(run: Run) -> None:
    """Check, tell, judge and save.

    Raises:
        UserFacingError: the loss is no number, or the run diverged.
    """
    with run.watching("check"):
        _check_and_save(run)


def _check_and_save(run: Run) -> None:
    began, paused = time.monotonic(), run.paused_seconds
    run.link.progress(_("Checking on unseen examples"))
    step = run.position.step
    loss, by_task, row_nats = validation_losses(run)
    everyday = everyday_loss(run)
    is_best = loss < run.position.best_loss
    update = {"seconds": run.position.seconds + time.monotonic() - began}
    if step == 0:
        update["base_loss"] = loss
    if is_best:
        update |= {"best_loss": loss, "best_step": step}
        write(run, lambda: run.best.save(step, lambda f: save_adapter(run.model, f)))
    run.position = run.position.model_copy(update=update)
    epoch = run.schedule.epoch_at(step)
    run.link.emit(
        Validation(
            step=step,
            epoch=epoch,
            loss=loss,
            is_best=is_best,
            by_task=by_task,
            everyday=everyday,
            row_nats=row_nats,
        )
    )
    new = step == 0 and run.preferences is None
    if new and (notice := foreign_subject(loss, by_task, everyday)):
        run.link.emit(notice)
    run.health.base_loss = run.position.base_loss
    verdict = run.health.after_validation(step, loss, by_task)
    run.stop_if_red(verdict)  # before its state would become the newest checkpoint
    if verdict:
        run.link.emit(verdict)
    save(run)
    run.best.keep_only({run.position.best_step})
    rambled = _sample_answer(run, run.answerer) if run.answerer else 0.0
    seconds = time.monotonic() - began - (run.paused_seconds - paused)
    run.set_pace(run.position.pace.after_check(seconds - rambled))


def validation_loss(run: Run) -> float:
    """Return the mean loss on the validation part, in nats per trained token or of judgements."""
    return validation_losses(run)[0]


def validation_losses(run: Run) -> tuple[float, dict[str, float], tuple[float, ...]]:
    """Return the mean loss on the validation part, by kind of task, and the sums of its rows.

    The latter are empty where there are many rows, or several processes share them.
    """
    if run.preferences is not None:
        return _without_dropout(run, lambda: unseen_loss(run)), {}, ()
    groups = _groups_by_task(run)
    losses = _without_dropout(run, lambda: [_unseen_loss(run, rows) for rows in groups.values()])
    mean = sum(of.total for of in losses) / sum(of.trained for of in losses)
    by_task = {task: of.total / of.trained for task, of in zip(groups, losses, strict=True) if task}
    return mean, by_task, _row_nats(run, groups, losses)


def _row_nats(
    run: Run, groups: dict[str, list[int]], losses: Sequence[_Summed]
) -> tuple[float, ...]:
    if len(run.validation) > _MOST_ROWS or run.ranks.world > 1:
        return ()
    pairs = zip(groups.values(), losses, strict=True)
    found = {rows[place]: nats for rows, of in pairs for place, nats in of.nats.items()}
    return tuple(found[row] for row in range(len(run.validation)))


def everyday_loss(run: Run) -> float | None:
    """Return the mean loss on a few everyday answers; ``None`` where none are looked at."""
    if not run.everyday:
        return None
    found = _without_dropout(run, lambda: _shared_loss(run, run.batches(run.everyday)))
    return found.total / found.trained


def _without_dropout(run: Run, measure: Callable[[], Measured]) -> Measured:
    """Measure in whatever memory there is, and switch dropout back on."""
    run.model.eval()
    found = run.fallback.fall_back_until_it_fits(measure, nothing, run.link)
    run.model.train()
    return found


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


@dataclass(frozen=True, slots=True)
class _Summed:
    """The loss of some rows, summed over their tokens.

    Attributes:
        total: of all processes together; ``trained``: tokens.
        nats: of each row that this process computed, by its place among them.
    """

    total: float
    trained: int
    nats: dict[int, float]


def _unseen_loss(run: Run, rows: list[int]) -> _Summed:
    """Return the summed loss of some validation rows and their trained tokens."""
    return _shared_loss(run, run.micro_batches(run.validation, rows))


def _shared_loss(run: Run, batches: list[PackedBatch]) -> _Summed:
    share = run.ranks.share(batches)
    found = run.ranks.all_or_none(lambda: _without_gradient(run, share))
    total = run.ranks.sum(sum(total for total, _nats in found))[0]
    nats = {
        place: float(value)
        for batch, (_total, values) in zip(share, found, strict=True)
        for place, value in zip(batch.places, values, strict=True)
    }
    return _Summed(total, sum(batch.trained_tokens for batch in batches), nats)


def _without_gradient(run: Run, batches: list[PackedBatch]) -> list[tuple[float, Floats]]:
    """Return for each micro-batch its summed loss, and that of its rows."""
    import torch

    found = []
    with torch.no_grad():
        for batch in batches:
            total, by_token = run.fallback.loss(batch)
            found.append((float(total), batch.by_example(by_token.double().cpu().numpy())))
    return found


def _sample_answer(run: Run, answerer: Answerer) -> float:
    """Tell a sample answer; return the seconds that it took beyond an answer of the usual length.

    An untrained model writes on to the limit; later answers are as short as those of the examples.
    """
    began = time.monotonic()
    sample = answerer.sample
    question, answer = run.fallback.fall_back_until_it_fits(sample, nothing, run.link)
    seconds = time.monotonic() - began
    step, expected = run.position.step, answerer.expected
    run.link.emit(SampleAnswer(step=step, question=question, answer=answer, expected=expected))
    written = len(answerer.tokenizer(answer)["input_ids"]) + 1
    usual = sum(run.train.trained) / len(run.train)
    return seconds * max(0.0, 1 - usual / written)


def patience_is_over(run: Run) -> bool:
    """Judged from the position alone, so that a resumed run stops where the first one would.

    However few steps an epoch has, it never is before some steps have followed the best check.
    """
    step, patience = run.position.step, run.config.patience_epochs
    if step - run.position.best_step < _LEAST_STEPS_OF_PATIENCE:
        return False
    waited = run.schedule.epoch_at(step - run.position.best_step)
    # Steps and epochs do not divide evenly: half a step of slack keeps "half an epoch" two checks.
    slack = 0.5 * run.schedule.epoch_at(1)
    if not patience or not run.schedule.validates_after(step) or waited + slack < patience:
        return False
    run.link.emit(
        Notice(
            level="good",
            code="training.early_stop",
            text=_(
                "Unseen examples have not improved for {epochs:.2g} epochs, so the run stopped "
                "early.",
                epochs=waited,
            ),
            todo=_("The best version is kept."),
        )
    )
    return True
