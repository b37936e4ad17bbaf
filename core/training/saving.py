"""What a run saves on the way: checkpoints to resume from, and whatever else goes to the disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from core.events import CheckpointSaved
from core.training.checkpoints.checkpoint import save_checkpoint
from core.training.checkpoints.disk_space import bytes_for_a_save, save_or_wait
from core.training.memory.fallback import nothing
from core.training.run import Run


def save(run: Run) -> None:
    """Save a checkpoint, keep the newest two; a full disk pauses the run until there is room."""
    write(run, lambda: save_checkpoint(run.checkpoints, run.model, run.optimizer, run.position))
    run.checkpoints.keep_only(set(run.checkpoints.steps()[-2:]))
    run.saved_at = time.monotonic()
    run.link.emit(CheckpointSaved(step=run.position.step))


def save_in_between(run: Run) -> None:
    """Save between two validations, and remember how long it took."""
    began, paused = time.monotonic(), run.paused_seconds
    save(run)
    seconds = time.monotonic() - began - (run.paused_seconds - paused)
    run.set_pace(run.position.pace.after_save(seconds))


def write(run: Run, work: Callable[[], object]) -> None:
    """Save something; a disk that refuses, and a memory that is full, pause the run at most."""
    if not run.ranks.first:
        return
    needed = bytes_for_a_save(sum(p.numel() for p in run.parameters))
    in_memory = partial(run.fallback.fall_back_until_it_fits, work, nothing, run.link)
    with run.resting():  # a full disk may take its time
        run.waited += save_or_wait(run.link, in_memory, needed)
