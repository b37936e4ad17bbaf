"""Campaign: a real card that grows too small: at the load, steps 1 and 50, first check and save.

    python -m tests.campaigns.card_memory [--shape 3b] [--places save] [--tokenizer DIR]

A random model of a real shape trains in the real worker. At the named moment the allocator gets a
lower limit, as if another program had taken the rest, and is asked for more than that, so that the
card's own error arises in the middle of the work; the limit stays. Every training must finish by
itself, say that it goes on in a leaner way, use the same examples in each step, and end with the
undisturbed losses but for rounding. Without a card a tiny model trains and only the error is
raised: a rehearsal. The last line is ``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.config.training import TrainingConfig, save_config
from core.events import Finished, Notice
from core.jobs.spec import write_spec
from core.jobs.supervisor import read_events
from core.project import Project, RunFolder
from tests.campaigns.forked_runs import Tally, command
from tests.campaigns.memory import NEAR, losses, rows

PLACES = {"undisturbed": 0, "load": 0, "step 1": 0, "step 50": 49, "validation": 0, "save": 0}
"""Where the memory ends, and at which call of the work there."""

_LIMIT_SECONDS = 240
_HEADROOM = 96 << 20


def squeeze(limit: int) -> None:
    """Leave this process ``limit`` bytes of the card, and ask for more.

    Raises:
        torch.OutOfMemoryError: always.
    """
    import torch

    if not torch.cuda.is_available():
        raise torch.OutOfMemoryError("CUDA out of memory. (rehearsed without a card)")
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(limit / total)
    torch.empty(limit + (1 << 20), dtype=torch.uint8, device="cuda")


def smaller(share: float) -> int:
    """Return what is left to the process: a share of its peak, at least what it holds now."""
    import torch

    if not torch.cuda.is_available():
        return 0
    now = torch.cuda.memory_allocated() + _HEADROOM
    return max(now, int(share * torch.cuda.max_memory_reserved()))


def starve(place: str, share: float) -> None:
    """Let the memory end at ``place``."""
    from core.training import saving, step, validation
    from core.training.setup import fitting

    module, name = {
        "load": (fitting, "load_base"),
        "validation": (validation, "_unseen_loss"),
        "save": (saving, "save_checkpoint"),
    }.get(place, (step, "backward"))
    real, calls = getattr(module, name), iter(range(10**9))

    def starving(*arguments: Any, **options: Any) -> Any:
        if next(calls) == PLACES[place]:
            squeeze(_room_for_half(arguments[0]) if place == "load" else smaller(share))
        return real(*arguments, **options)

    setattr(module, name, starving)


def _room_for_half(folder: Path) -> int:
    """Too little for the model's weights in 4 bits."""
    weights = sum(path.stat().st_size for path in Path(folder).glob("*.safetensors"))
    return int(0.9 * weights / 4)


def child(place: str, share: float, folder: Path) -> int:
    """Run the real worker, short of memory at ``place``."""
    from core.jobs import worker

    worker.quiet_environment()
    if place != "undisturbed":
        starve(place, share)
    return worker.main([str(folder)])


def one_case(tally: Tally, project: Project, job: dict[str, Any], place: str, share: float) -> str:
    """Train once; return a line about it."""
    folder, config = project.new_run("train"), job["config"]
    save_config(config, folder.config_file)
    write_spec(folder, job["params"])
    began = time.monotonic()
    command_line = [
        sys.executable, "-m", "tests.campaigns.card_memory", "--child", place, "--share",
        str(share), "--folder", str(folder.root),
    ]  # fmt: skip
    with folder.log_file.open("ab") as log:
        code = subprocess.run(
            command_line, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stdout=log, stderr=log,
            check=False, timeout=_LIMIT_SECONDS,
        ).returncode  # fmt: skip
    tally.cases += 1
    whole = project.run("train-001") if place != "undisturbed" else folder
    judge(tally, place, code, folder, whole)
    told = [e.todo or e.text for e in notices(folder)]
    return f"{place}: {time.monotonic() - began:.0f} s; {' '.join(told) or 'no notice'}"


def judge(tally: Tally, place: str, code: int, folder: RunFolder, whole: RunFolder) -> None:
    """Compare with the undisturbed training."""
    ends = [e for e in read_events(folder) if isinstance(e, Finished)]
    if code or [end.outcome for end in ends] != ["completed"]:
        tail = folder.log_file.read_text(errors="replace")[-800:]
        tally.fail(folder.root, f"{place}: exit code {code}, ended as {ends}\n{tail}")
        return
    if bool(notices(folder)) != (place != "undisturbed"):
        tally.fail(folder.root, f"{place}: told {notices(folder)}")
    if rows(folder) != rows(whole):
        tally.fail(folder.root, f"{place}: other examples")
    mine, expected = losses(folder)[-1], losses(whole)[-1]
    if abs(mine / expected - 1) > NEAR:
        tally.fail(folder.root, f"{place}: final loss {mine}, expected {expected}")


def notices(folder: RunFolder) -> list[Notice]:
    """Return what the run said about memory."""
    events = (e for e in read_events(folder) if isinstance(e, Notice))
    return [event for event in events if event.code == "training.less_memory"]


def prepared(
    options: argparse.Namespace, root: Path, conversations: int, **values: Any
) -> tuple[Project, dict[str, Any], str]:
    """Make model and data; return project, job and a line about model and machine.

    Args:
        conversations: how many examples there are on a card.
        values: settings of the training beside the usual ones.
    """
    import torch

    from tests.campaigns.card_project import make_project

    on_card = torch.cuda.is_available()
    config = TrainingConfig(
        learning_rate=1e-4, rank=16, alpha=32, dropout=0.0, max_length=1024, epochs=100.0,
        micro_batch_tokens=8192 if on_card else 1024, max_steps=options.steps, patience_epochs=0,
        sample_answers=False, **values,
    )  # fmt: skip
    shape = options.shape if on_card else "tiny"
    count = conversations if on_card else 40
    folder, params = make_project(root, shape, options.tokenizer, config, count)
    project = Project.open(folder.root.parents[1])
    shutil.rmtree(folder.root)
    machine = torch.cuda.get_device_name() if on_card else "no card"
    return project, {"config": config, "params": params}, f"shape {shape}, {machine}"


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Make model and data, then train once for each place."""
    import torch

    batch = 8 if torch.cuda.is_available() else 2
    project, job, about = prepared(
        options, root, 240, effective_batch=batch, validations_per_epoch=2, checkpoint_minutes=0.05
    )
    for place in dict.fromkeys(["undisturbed", *options.places[: options.cases - 1]]):
        line = one_case(tally, project, job, place, options.share)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return about


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if "--child" in given:
        parser = argparse.ArgumentParser()
        parser.add_argument("--child")
        parser.add_argument("--share", type=float)
        parser.add_argument("--folder", type=Path)
        options = parser.parse_args(given)
        return child(options.child, options.share, options.folder)
    start: Callable[..., int] = command(__doc__, len(PLACES), run)
    return start(
        given,
        shape={"default": "3b", "help": "1b or 3b; without a card a tiny model"},
        steps={"type": int, "default": 52, "help": "steps of a training"},
        places={"nargs": "+", "choices": list(PLACES)[1:], "default": list(PLACES)[1:]},
        share={"type": float, "default": 0.8, "help": "of the peak that is left to the training"},
        tokenizer={"type": Path, "default": Path("build/test-home/models/SmolLM2-135M-Instruct")},
    )


if __name__ == "__main__":
    sys.exit(main())
