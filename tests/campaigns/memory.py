"""Campaign: memory that is not enough: while loading, at a step, an update, a check, a save.

    python -m tests.campaigns.memory --cases 200 [--seed N]

Each case lets a real training fail as a full card does, once or several times in a row. It must say
so in plain words, take a leaner way, keep the effective batch (the same examples at each step) and
finish with an adapter that differs by rounding only.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.events import Notice, TrainStep
from core.jobs.supervisor import read_events
from core.project import RunFolder
from tests.campaigns.forked_runs import (
    TINY,
    ForkedRuns,
    Tally,
    command,
    dice,
    is_finished,
    single_thread,
)

_CONFIG = TINY.with_values({"max_steps": 6, "dropout": 0.0, "micro_batch_tokens": 256})
PLACES = ("step", "validation", "save", "load", "update")
NEAR = 0.02  # relative distance of the final losses


def errors() -> list[Callable[[], Exception]]:
    """The ways in which libraries say it."""
    import torch

    return [
        lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        MemoryError,
        lambda: RuntimeError("CUDA error: out of memory"),
        lambda: RuntimeError("Triton Error [CUDA]: out of memory"),
        lambda: RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8"),
    ]


def starve(
    forks: ForkedRuns, place: str, at: int, times: int, error: Callable[[], Exception]
) -> None:
    """In the child: let a piece of work fail ``times`` times, from its ``at``-th call on."""
    from core.training import job, saving, step, validation
    from core.training.memory import fallback
    from core.training.setup import fitting

    module, name = {
        "step": (step, "backward"),
        "validation": (validation, "_unseen_loss"),
        "save": (saving, "save_checkpoint"),
        "load": (fitting, "load_base"),
        "update": (step, "_make_room_for_update"),
    }[place]
    if place == "load":  # the only case in which a child loads for itself
        job.assemble_run = forks.real_prepare
        fallback._BREATH_SECONDS = 0.0
    real, calls = getattr(module, name), iter(range(10**9))

    def starving(*arguments: Any, **options: Any) -> Any:
        if at <= next(calls) < at + times:
            raise error()
        return real(*arguments, **options)

    setattr(module, name, starving)


def one_case(tally: Tally, forks: ForkedRuns, case: int, chance: random.Random) -> None:
    """One training that is short of memory somewhere."""
    place = PLACES[case % len(PLACES)]
    at = 0 if place in ("load", "validation") else chance.randrange(6)
    times = 1 if place == "load" else chance.choice([1, 1, 2])
    error = chance.choice(errors())
    folder = forks.new_run()
    code = forks.wait(forks.fork(folder, lambda: starve(forks, place, at, times, error)))
    tally.cases += 1
    whole = forks.project.run("train-001")
    name = f"{place} {at}, {times} times {error()!r}"
    before = len(tally.failures)
    if code or not is_finished(folder):
        tally.fail(folder.root, f"{name}: it did not finish, exit code {code}")
        return
    told = [e for e in read_events(folder) if isinstance(e, Notice)]
    if [e.code for e in told].count("training.less_memory") != times:
        tally.fail(folder.root, f"{name}: {times} notices expected, told {told}")
    if rows(folder) != rows(whole):
        tally.fail(folder.root, f"{name}: other examples")
    if abs(losses(folder)[-1] / losses(whole)[-1] - 1) > NEAR:
        tally.fail(folder.root, f"{name}: losses {losses(folder)}")
    if len(tally.failures) == before:
        shutil.rmtree(folder.root)


def rows(folder: RunFolder) -> list[tuple[int, ...]]:
    return [event.rows for event in read_events(folder) if isinstance(event, TrainStep)]


def losses(folder: RunFolder) -> list[float]:
    return [event.loss for event in read_events(folder) if isinstance(event, TrainStep)]


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Train ``options.cases`` times."""
    forks = ForkedRuns.open(root, _CONFIG)
    for case in range(options.cases):
        one_case(tally, forks, case, dice(options.seed, case))
    return f"short of memory at: {', '.join(PLACES)}"


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    return command(__doc__, 200, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())
