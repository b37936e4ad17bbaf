"""The trial: a few real micro-batches of the longest examples, measured instead of guessed."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from core.chat.tokens import micro_batches
from core.jobs.spec import TrialResult
from core.language import _
from core.training.adapter import save_adapter
from core.training.memory.fallback import peak_on_card, start_counting_memory
from core.training.run import Run
from core.training.setup.fitting import longest_rows
from core.training.step import backward, update
from core.training.validation import everyday_loss, validation_loss

_REPEATS = 3


def measure(run: Run, scratch: Path) -> TrialResult:
    """Return speed and peak memory of real work; nothing of it is kept.

    Three forward and backward passes over the longest examples (the first also warms up), one
    optimizer step, one validation and one save, all in the leaner way that the memory asks for.
    """
    run.model.train()
    speeds = run.fallback.fall_back_until_it_fits(
        lambda: _speeds(run), lambda: run.optimizer.zero_grad(set_to_none=True), run.link
    )
    update(run)
    run.link.progress(_("Trying a check on unseen examples"))
    validation_seconds = _timed(lambda: (validation_loss(run), everyday_loss(run)))
    scratch.mkdir(exist_ok=True)
    save_seconds = run.fallback.fall_back_until_it_fits(
        lambda: _timed(lambda: save_adapter(run.model, scratch)), lambda: None, run.link
    )
    shutil.rmtree(scratch)
    speed = statistics.median(speeds[1:])
    total = _total_seconds(run, speed, validation_seconds + save_seconds)
    return TrialResult(
        tokens_per_second=speed,
        validation_seconds=validation_seconds,
        save_seconds=save_seconds,
        peak_memory_bytes=_peak_memory(run.device),
        total_seconds=total,
        seconds_per_epoch=total / max(run.schedule.epoch_at(run.schedule.total_steps), 1e-9),
        device=run.device,
    )


def _speeds(run: Run) -> list[float]:
    """Tokens per second of each pass; the peak is counted from zero, without a failed try."""
    start_counting_memory(run.device)
    speeds = []
    for repeat in range(_REPEATS):
        run.link.progress(_("Trying the longest examples"), repeat, _REPEATS, _("passes"))
        speeds.append(_tokens_per_second(run))
    return speeds


def _tokens_per_second(run: Run) -> float:
    batch = next(micro_batches(run.train, longest_rows(run), run.fallback.capacity))
    return batch.ids.size / _timed(lambda: backward(run, batch, batch.trained_tokens))


def _total_seconds(run: Run, speed: float, check_seconds: float) -> float:
    tokens_per_step = sum(run.train.lengths) / len(run.train) * run.schedule.effective_batch
    steps = run.schedule.total_steps
    checks = 1 + sum(run.schedule.validates_after(step) for step in range(1, steps + 1))
    return steps * tokens_per_step / speed + checks * check_seconds


def _timed(work: Any) -> float:
    import torch

    began = time.monotonic()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic() - began


def _peak_memory(device: str) -> int:
    if device != "cpu":
        return peak_on_card(device)
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
