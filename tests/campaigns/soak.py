"""Campaign: an hour of training with a fault every 20 s; the adapter must be the undisturbed one.

    python -m tests.campaigns.soak --minutes 60 [--every 20] [--tiny] [--steps N] [--cases N]

The sample model (with ``--tiny`` a tiny one) trains in a real child, started by a process that
stands for the window, on a small disk of its own where one may be mounted. The faults, in random
order: the child is killed; the disk is full for some seconds; the card's library errs in every
call; the window is killed; the child is stopped and goes on. Whatever broke off is resumed, and
nothing else is done. Training follows on training until the time is over (or ``--cases`` faults
were made); each must end with the adapter of the undisturbed run, byte for byte, and a whole curve.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.actions import examples
from core.commands.terminal import run_job
from core.config.training import TrainingConfig, save_config
from core.errors import UserFacingError
from core.events import Finished, TrainStep
from core.jobs import supervisor as supervisor_module
from core.jobs.spec import TrainParams
from core.jobs.supervisor import Supervisor, is_alive, read_events
from core.project import Project, RunFolder
from core.sample_project import open_sample
from tests.campaigns.forked_runs import (
    TINY,
    Tally,
    command,
    is_finished,
    result,
    single_thread,
    small_disk,
)
from tests.campaigns.soak_child import FAULT
from tests.models import kept_sample_model, make_tiny_model, write_numbers

FAULTS = ("kill", "full disk", "NVML error", "closed window", "stopped process")
_SAMPLE = TrainingConfig(
    learning_rate=2e-4,
    epochs=100.0,
    max_steps=60,
    effective_batch=4,
    micro_batch_tokens=512,
    max_length=512,
    validations_per_epoch=8,
    patience_epochs=0,
    sample_answers=False,
    checkpoint_minutes=0.1,
)
_TINY = TINY.with_values({"epochs": 100.0, "max_steps": 150, "checkpoint_minutes": 0.01})
_POLL = 0.1
_MOST_VAIN = 40  # times that the work may be taken up without one step of progress


@dataclass
class Soak:
    """A project to train in, and how the undisturbed training ended."""

    project: Project
    params: TrainParams
    config: TrainingConfig
    dice: random.Random
    disk: Path | None
    expected: bytes = b""
    rows: dict[int, tuple[int, ...]] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)

    def new_run(self) -> RunFolder:
        folder = self.project.new_run("train")
        save_config(self.config, folder.config_file)
        return folder

    @property
    def switch(self) -> Path:
        """While this file exists, the card's library errs."""
        return self.project.runs_folder / FAULT


def child_command(folder: RunFolder) -> list[str]:
    """Return what starts the real worker with a fake card."""
    return [sys.executable, "-m", "tests.campaigns.soak_child", str(folder.root)]


def open_window(soak: Soak, folder: RunFolder) -> int:
    """Fork the process that stands for the window: it resumes or re-attaches, and follows."""
    process = os.fork()
    if process == 0:
        os.setsid()
        with contextlib.suppress(UserFacingError):  # a full disk: it is opened again
            follow(soak, folder)
        os._exit(0)
    return process


def follow(soak: Soak, folder: RunFolder) -> None:
    supervisor = Supervisor(folder)
    if is_alive(folder):
        supervisor.attach()
    else:
        supervisor.start(soak.params)
    for _event in supervisor.follow():
        pass


def train_through(soak: Soak, folder: RunFolder, until: float, every: float, cases: int) -> None:
    """Train to the end; make a fault every so many seconds until time or faults are over."""
    window, due = open_window(soak, folder), time.monotonic() + every
    opened, steps = 1, 0
    while not is_finished(folder):
        if os.waitpid(window, os.WNOHANG)[0]:  # the work broke off: go on with it
            if is_finished(folder):
                return
            opened, steps = (1, now) if (now := len(rows(folder))) > steps else (opened + 1, steps)
            if opened > _MOST_VAIN:
                raise RuntimeError(folder.log_file.read_text(errors="replace")[-2000:])
            window = open_window(soak, folder)
        more = time.monotonic() < until and (not cases or soak.made.total() < cases)
        if more and time.monotonic() >= due:
            fault = soak.dice.choice(FAULTS)
            if make(soak, folder, fault, window):
                soak.made[fault] += 1
            due = time.monotonic() + every
        time.sleep(_POLL)
    os.waitpid(window, 0)


def make(soak: Soak, folder: RunFolder, fault: str, window: int) -> bool:
    """Make one fault; return whether it could be made."""
    seconds = soak.dice.uniform(1, 5)
    children = children_of(folder)
    if fault == "closed window":
        os.kill(window, signal.SIGKILL)
    elif fault == "NVML error":
        soak.switch.touch()
        time.sleep(seconds)
        soak.switch.unlink()
    elif fault == "full disk":
        return soak.disk is not None and fill(soak.disk, seconds)
    elif not children:
        return False
    elif fault == "kill":
        children[0].kill()
    else:
        children[0].suspend()
        time.sleep(seconds)
        children[0].resume()
    return True


def children_of(folder: RunFolder) -> list[psutil.Process]:
    """Return every process that was started for this run."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        if str(folder.root) in (process.info["cmdline"] or []):
            found.append(process)
    return found


def fill(disk: Path, seconds: float) -> bool:
    """Let the disk be full for a while."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(1 << 20))
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as stream:
        while True:
            stream.write(bytes(512))
    time.sleep(seconds)
    ballast.unlink()
    return True


def judge(tally: Tally, soak: Soak, folder: RunFolder) -> None:
    """Compare with the undisturbed training."""
    if result(folder) != soak.expected:
        tally.fail(folder.root, "the adapter differs from the undisturbed one")
    if rows(folder) != soak.rows:
        tally.fail(folder.root, "the curve is not whole, or other examples were used")
    ends = [event for event in read_events(folder) if isinstance(event, Finished)]
    if [end.outcome for end in ends] != ["completed"]:
        tally.fail(folder.root, f"it ended as {ends}")


def rows(folder: RunFolder) -> dict[int, tuple[int, ...]]:
    """Return the examples of each step."""
    return {event.step: event.rows for event in read_events(folder) if isinstance(event, TrainStep)}


def prepare(root: Path, disk: Path | None, *, tiny: bool, seed: int) -> Soak:
    """Make the project."""
    home = disk or root
    if tiny:
        base = make_tiny_model(root / "tiny", kept_sample_model())
        project = Project.create(home / "project")
        report = examples.prepare(
            project, [write_numbers(root / "numbers.jsonl", 60)], run_job=run_job
        )
    else:
        base = kept_sample_model()
        project = open_sample(home / "project")
        report = examples.prepare_sample(project, run_job=run_job)
    params = TrainParams(dataset_version=report.content_hash, base_model=str(base))
    return Soak(project, params, _TINY if tiny else _SAMPLE, random.Random(seed), disk)


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Train for so many minutes, and compare each training."""
    runs, seconds = 0, 0.0
    with small_disk(root / "disk", "96m" if options.tiny else "600m") as disk:
        soak = prepare(root, disk, tiny=options.tiny, seed=options.seed)
        if options.steps:
            soak.config = soak.config.with_values({"max_steps": options.steps})
        supervisor_module.worker_command = child_command
        began = time.monotonic()
        undisturbed = soak.new_run()
        train_through(soak, undisturbed, until=0, every=1, cases=0)
        seconds = time.monotonic() - began
        soak.expected, soak.rows = result(undisturbed), rows(undisturbed)
        until = time.monotonic() + 60 * options.minutes
        while not runs or (time.monotonic() < until and not _enough(soak, options.cases)):
            folder = soak.new_run()
            train_through(soak, folder, until, options.every, options.cases)
            judge(tally, soak, folder)
            if not tally.failures:
                shutil.rmtree(folder.root)  # or the small disk would be full for good
            runs += 1
            tally.cases = soak.made.total()
            sys.stdout.write(f"{runs} trainings, {tally.cases} faults\n")
            sys.stdout.flush()
    tally.cases = soak.made.total()
    made = ", ".join(f"{fault} {soak.made[fault]}" for fault in FAULTS)
    place = "" if disk else " (no small disk may be mounted here)"
    return f"{runs} trainings, undisturbed {seconds:.0f} s each; faults: {made}{place}"


def _enough(soak: Soak, cases: int) -> bool:
    return bool(cases) and soak.made.total() >= cases


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    return command(__doc__, 0, run)(
        arguments,
        minutes={"type": float, "default": 60.0},
        every={"type": float, "default": 20.0, "help": "seconds between two faults"},
        steps={"type": int, "default": 0, "help": "steps of a training, 0 for the usual number"},
        tiny={"action": "store_true", "help": "a tiny model instead of the sample"},
    )


if __name__ == "__main__":
    sys.exit(main())
