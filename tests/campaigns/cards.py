"""Campaign: several cards learn what one learns, faster, also when one of them is full.

    python -m tests.campaigns.cards [--cards 2] [--shape 3b] [--steps 30] [--tokenizer DIR]

A random model of a real shape trains in the real worker: on one card, on all of them, and on all of
them with the first one's memory ending at step 1. Examples must be the same in each step, losses
equal but for rounding. Without cards a tiny model trains in as many processes, over gloo.
The last line is ``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from core.jobs.events import TrainStep
from core.jobs.supervisor import read_events
from core.project import RunFolder
from tests.campaigns.card_memory import one_case, prepared
from tests.campaigns.memory import losses, rows
from tests.campaigns.nursery import Tally, command

CASES = ("one", "all", "all, memory ends")
_NEAR = 0.01  # relative distance of a step's loss
_WARM = 3  # steps before speeds are read


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Make model and data, then train each way."""
    import torch

    batch = 32 if torch.cuda.is_available() else 4
    project, job, about = prepared(
        options, root, 480, effective_batch=batch, validations_per_epoch=1
    )
    for name in CASES[: options.cases]:
        job["params"]["processes"] = 1 if name == "one" else options.cards
        place = "step 1" if "memory" in name else "undisturbed"
        told = one_case(tally, project, job, place, 0.8)
        newest = list(project.runs("train"))[-1]
        _say(f"{name}: {told}; {speed(newest):,.0f} tokens/s")
        compare(tally, name, newest, project.run("train-001"))
    return f"{about}, {options.cards} processes"


def compare(tally: Tally, name: str, folder: RunFolder, alone: RunFolder) -> None:
    """Compare each step with one card's."""
    if rows(folder) != rows(alone):
        tally.fail(folder.root, f"{name}: other examples than on one card")
    pairs = list(zip(losses(folder), losses(alone), strict=False))
    apart = max((abs(mine / its - 1) for mine, its in pairs), default=1.0)
    _say(f"  largest distance of a step's loss {apart:.3%}")
    if apart > _NEAR:
        tally.fail(folder.root, f"{name}: losses {apart:.2%} apart")


def speed(folder: RunFolder) -> float:
    """Tokens a second in the median step after the first ones."""
    steps = [e for e in read_events(folder) if isinstance(e, TrainStep)][_WARM:]
    return statistics.median([step.tokens / step.seconds for step in steps] or [0.0])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    return command(__doc__, len(CASES), run)(
        arguments,
        cards={"type": int, "default": 2},
        shape={"default": "3b", "help": "1b or 3b; without a card a tiny model"},
        steps={"type": int, "default": 30, "help": "steps of a training"},
        tokenizer={"type": Path, "default": Path("build/test-home/models/SmolLM2-135M-Instruct")},
    )


if __name__ == "__main__":
    sys.exit(main())
