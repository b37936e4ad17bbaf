"""Campaign: several cards learn what one learns, faster, also when one is full or is lost.

    python -m tests.campaigns.cards [--shapes 3b 8b] [--cards 2] [--steps 30] [--tokenizer DIR]
    python -m tests.campaigns.cards --shapes 32b --limit-gib 12 --ways one all --steps 8

A random model of a real shape trains in the real worker: on one card; on all of them; with the
first one's memory ending at step 1; with the last one's; and with the last one's process killed
while the others wait for its gradients, after which the run is resumed. Examples must be the same
in each step and losses equal but for rounding; no process may be left. ``--limit-gib`` makes each
card look that small. Without cards a tiny model trains in as many processes, over gloo.
Memory is what all processes of a run hold, shared pages counted once. For each process it is told
where a step's time goes: into its own share of the work, waiting for the others, the sum of the
gradients, packing, clipping, the update, and the rest. The last line is ``cases N, failures M``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from core.config.training import save_config
from core.events import Event, Failed, Finished, TrainStep
from core.jobs.spec import write_spec
from core.jobs.supervisor import read_events
from core.project import Project, RunFolder
from tests.campaigns.card_memory import notices, prepared, starve
from tests.campaigns.forked_runs import Tally, command
from tests.campaigns.memory import losses, rows

WAYS = ("one", "all", "first-full", "last-full", "last-killed")
_NEAR = 0.01  # relative distance of a step's loss
_WARM = 3  # steps before speeds are read
_KILLED_AT = 7  # the sum of gradients that never ends
_LIMIT_SECONDS = 280
_LEFT_SECONDS = 25  # companions have that long to end


@dataclass(frozen=True)
class Disturbance:
    """What happens to one process of a run.

    Attributes:
        rank: which process; the first is 0.
        place: where its memory ends (see ``card_memory``), ``killed``, or ``""`` for nothing.
        limit_gib: the memory that every card seems to have; 0 for what it has.
    """

    rank: int = 0
    place: str = ""
    limit_gib: float = 0.0


_DISTURBED = {
    "first-full": Disturbance(0, "step 1"),
    "last-full": Disturbance(-1, "step 1"),
    "last-killed": Disturbance(-1, "killed"),
}


def child(told: Disturbance, folder: Path, companion: list[str]) -> int:
    """Be the real worker, or a companion of it, with what was planned for this process."""
    from core.jobs import worker
    from core.training.distributed import workers

    worker.quiet_environment()
    rank = int(companion[0]) if companion else 0
    again = [sys.executable, "-m", "tests.campaigns.cards", "--child", json.dumps(asdict(told))]
    workers.worker_command = lambda run: [*again, "--folder", str(run.root)]
    if told.limit_gib:
        _seem_smaller(rank, told.limit_gib)
    if rank == told.rank and told.place == "killed":
        _die_before_a_sum()
    elif rank == told.rank and told.place:
        starve(told.place, 0.8)
    clock = Clock()
    clock.watch()
    code = worker.main([str(folder), *companion])
    clock.write(folder, rank)
    return code


class Clock:
    """Where the time of a process's steps goes, in seconds; looked at between kernels."""

    def __init__(self) -> None:
        self._steps: list[dict[str, float]] = []

    def watch(self) -> None:
        """Time the parts of every step of this process from now on."""
        from core.training import step
        from core.training.distributed.ranks import Ranks
        from core.training.monitor.health import Health
        from core.training.run import Run

        whole, share = step._gradient, Ranks.all_or_none

        def new_step(*arguments: Any) -> Any:
            self._steps.append({})
            return self._timed("gradient", whole, *arguments)

        step._gradient = new_step
        Ranks.all_or_none = (  # type: ignore[method-assign]
            lambda ranks, do: share(ranks, lambda: self._timed("own share", do))
        )
        for home, name, part in (
            (Ranks, "sum_gradients", "sum"),
            (Run, "micro_batches", "packing"),
            (step, "_clipped", "clipping"),
            (Health, "after_step", "health"),
            (step, "update", "update"),
        ):
            setattr(home, name, self._watched(part, getattr(home, name)))

    def _watched(self, part: str, work: Any) -> Any:
        return lambda *arguments: self._timed(part, work, *arguments)

    def _timed(self, part: str, work: Any, *arguments: Any) -> Any:
        _finish_kernels()
        began = time.monotonic()
        result = work(*arguments)
        _finish_kernels()
        if self._steps:  # what a validation does after a step is not counted again
            self._steps[-1].setdefault(part, time.monotonic() - began)
        return result

    def write(self, folder: Path, rank: int) -> None:
        """Leave the medians of the steps after the first ones in the run's folder."""
        steps = self._steps[_WARM:]
        parts = dict.fromkeys(part for step in steps for part in step)
        medians = {part: statistics.median(step.get(part, 0.0) for step in steps) for part in parts}
        (folder / f"clock-{rank}.json").write_text(json.dumps(medians), encoding="utf-8")


def _finish_kernels() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def where_the_time_goes(folder: RunFolder) -> list[str]:
    """Return a line for each process of a run: milliseconds of its median step."""
    steps = [e.seconds for e in read_events(folder) if isinstance(e, TrainStep)][_WARM:]
    whole, lines = statistics.median(steps or [0.0]), []
    for file in sorted(folder.root.glob("clock-*.json")):
        if not (told := json.loads(file.read_text(encoding="utf-8"))):
            continue
        inside = ("own share", "packing", "sum")
        told["waiting"] = told.pop("gradient") - sum(told[part] for part in inside)
        told["rest"] = whole - sum(told.values())
        about = ", ".join(f"{name} {1000 * seconds:.1f}" for name, seconds in told.items())
        lines.append(f"{file.stem.replace('clock-', 'process ')}: {about} ms of {1000 * whole:.1f}")
    return lines


def _seem_smaller(rank: int, gib: float) -> None:
    import torch

    from core.planning.memory import CONTEXT

    if not torch.cuda.is_available():
        return
    real, limit = torch.cuda.mem_get_info, int(gib * 2**30)

    def less(device: Any = None) -> tuple[int, int]:
        free, total = real(device)
        return max(0, limit - (total - free)), limit

    torch.cuda.mem_get_info = less
    total = torch.cuda.get_device_properties(rank).total_memory
    torch.cuda.set_per_process_memory_fraction((limit - CONTEXT["gpu"]) / total, rank)


def _die_before_a_sum() -> None:
    """The others are already waiting inside the kernel that adds the gradients."""
    from core.training.distributed.ranks import Ranks

    real, calls = Ranks.sum_gradients, iter(range(10**9))

    def dying(self: Ranks, block: Any) -> None:
        if next(calls) == _KILLED_AT:
            time.sleep(1)
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, block)

    Ranks.sum_gradients = dying  # type: ignore[method-assign]


class Memory(threading.Thread):
    """Looks at what a process and all its children hold together.

    Attributes:
        most: bytes, a page that several share counted once.
    """

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process, self._over, self.most = process, threading.Event(), 0

    def run(self) -> None:
        while not self._over.wait(1.0):
            self.most = max(self.most, held(self._process))

    def end(self) -> int:
        """Stop looking; return the most that was seen."""
        self._over.set()
        self.join()
        return self.most


def held(process: int) -> int:
    """Return the bytes that a process and its children hold, shared pages counted once."""
    try:
        family = psutil.Process(process)
        return sum(_proportional(one) for one in [family, *family.children(recursive=True)])
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def work(folder: RunFolder, told: Disturbance) -> tuple[int, int]:
    """Let the worker work in ``folder``; return its exit code and the most memory of all."""
    line = [sys.executable, "-m", "tests.campaigns.cards", "--child", json.dumps(asdict(told))]
    with folder.log_file.open("ab") as log:
        process = subprocess.Popen(
            [*line, "--folder", str(folder.root)], env={**os.environ, "HF_HUB_OFFLINE": "1"},
            stdout=log, stderr=log,
        )  # fmt: skip
    memory = Memory(process.pid)
    memory.start()
    try:
        code = process.wait(_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    return code, memory.end()


def left_over(folder: RunFolder) -> list[int]:
    """Return the processes that still work for a run some time after its end."""
    until = time.monotonic() + _LEFT_SECONDS
    while found := [p.pid for p in psutil.process_iter(["cmdline"]) if _works_for(p, folder)]:
        if time.monotonic() > until:
            break
        time.sleep(0.2)
    return found


def _works_for(process: psutil.Process, folder: RunFolder) -> bool:
    return str(folder.root) in (process.info["cmdline"] or [])


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Make model and data of each shape, then train each way."""
    import torch

    batch = 32 if torch.cuda.is_available() else 4
    ways, about = options.ways[: options.cases], []
    for shape in options.shapes:
        options.shape = shape
        project, job, line = prepared(
            options, root / shape, 480, effective_batch=batch, validations_per_epoch=1,
            checkpoint_minutes=0.05,
        )  # fmt: skip
        about.append(line)
        _say(line)
        for way in ways:
            one_way(tally, project, job, way, options)
    return f"{'; '.join(about)}; {options.cards} processes"


def one_way(
    tally: Tally, project: Project, job: dict[str, Any], way: str, options: argparse.Namespace
) -> None:
    """Train once and judge."""
    folder = project.new_run("train")
    save_config(job["config"], folder.config_file)
    count = 1 if way == "one" else options.cards
    write_spec(folder, job["params"].model_copy(update={"processes": count}))
    plan = _DISTURBED.get(way, Disturbance())
    last = options.cards - 1 if plan.rank < 0 else plan.rank
    told = Disturbance(last, plan.place, options.limit_gib)
    began = time.monotonic()
    code, memory = work(folder, told)
    tally.cases += 1
    if way == "last-killed":
        _after_a_kill(tally, folder, code, time.monotonic() - began)
        code, memory = work(folder, Disturbance(limit_gib=options.limit_gib))
    _say(
        f"{way}: {speed(folder):,.0f} tokens/s; {time.monotonic() - began:.0f} s in all; "
        f"{memory / 2**30:.1f} GiB of the computer's memory; "
        f"{' '.join(e.todo or e.text for e in notices(folder)) or 'no notice'}"
    )
    for line in where_the_time_goes(folder):
        _say(f"  {line}")
    _judge(tally, way, folder, code)
    compare(tally, way, folder, project.run("train-001"))


def _after_a_kill(tally: Tally, folder: RunFolder, code: int, seconds: float) -> None:
    last = _last(folder)
    steps = len(losses(folder))
    _say(f"  killed: ended after {steps} steps, {seconds:.0f} s, with {last}")
    if code != 1 or not isinstance(last, Failed) or last.code != "training.card_lost":
        tally.fail(folder.root, f"a killed companion: exit code {code}, {last}\n{_log(folder)}")
    if left := left_over(folder):
        tally.fail(folder.root, f"still at work after a kill: {left}")


def _judge(tally: Tally, way: str, folder: RunFolder, code: int) -> None:
    last = _last(folder)
    if code or not isinstance(last, Finished) or last.outcome != "completed":
        tally.fail(folder.root, f"{way}: exit code {code}, ended as {last}\n{_log(folder)}")
    if bool(notices(folder)) != ("full" in way):
        tally.fail(folder.root, f"{way}: told {notices(folder)}")
    if left := left_over(folder):
        tally.fail(folder.root, f"{way}: still at work {left}")


def _last(folder: RunFolder) -> Event | None:
    return next(reversed(read_events(folder)), None)


def _log(folder: RunFolder) -> str:
    return folder.log_file.read_text(errors="replace")[-1500:]


def compare(tally: Tally, name: str, folder: RunFolder, alone: RunFolder) -> None:
    """Compare each step with one card's; of a step that was repeated, the last try counts."""
    if newest(rows(folder), folder) != newest(rows(alone), alone):
        tally.fail(folder.root, f"{name}: other examples than on one card")
    pairs = list(zip(newest(losses(folder), folder), newest(losses(alone), alone), strict=False))
    apart = max((abs(mine / its - 1) for mine, its in pairs), default=1.0)
    _say(f"  largest distance of a step's loss {apart:.3%}")
    if apart > _NEAR:
        tally.fail(folder.root, f"{name}: losses {apart:.2%} apart")


def newest(values: list[Any], folder: RunFolder) -> list[Any]:
    """Return one value a step, in the order of steps: the newest, where a step was repeated."""
    numbers = [e.step for e in read_events(folder) if isinstance(e, TrainStep)]
    by_step = dict(zip(numbers, values, strict=True))
    return [by_step[step] for step in sorted(by_step)]


def speed(folder: RunFolder) -> float:
    """Tokens a second in the median step after the first ones."""
    steps = [e for e in read_events(folder) if isinstance(e, TrainStep)][_WARM:]
    return statistics.median([step.tokens / step.seconds for step in steps] or [0.0])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if "--child" in given:
        parser = argparse.ArgumentParser()
        parser.add_argument("--child", type=json.loads)
        parser.add_argument("--folder", type=Path)
        parser.add_argument("companion", nargs="*")
        options = parser.parse_args(given)
        return child(Disturbance(**options.child), options.folder, options.companion)
    return command(__doc__, len(WAYS), run)(
        given,
        cards={"type": int, "default": 2},
        shapes={"nargs": "+", "default": ["3b"], "help": "1b, 3b, 8b, 32b; without a card tiny"},
        ways={"nargs": "+", "choices": WAYS, "default": list(WAYS)},
        steps={"type": int, "default": 30, "help": "steps of a training"},
        **{"limit-gib": {"type": float, "default": 0.0, "help": "what each card seems to have"}},
        tokenizer={"type": Path, "default": Path("build/test-home/models/SmolLM2-135M-Instruct")},
    )


if __name__ == "__main__":
    sys.exit(main())
