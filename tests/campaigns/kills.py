"""Campaign: SIGKILL a real small training at random moments, resume it, compare the last bytes.

    python -m tests.campaigns.kills --cases 2000 [--seed N] [--keep DIR]

Every case is one kill of a real child process (forked, so that torch is imported once). After each
the newest checkpoint must verify, and at most one save interval may be lost. Whenever the training
reaches its end, its adapter must equal the undisturbed run's, byte for byte. The last line is
``cases N, failures M``; what failed is kept.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core import walk
from core.files import write_json
from core.jobs import worker
from core.jobs.events import CheckpointSaved, Finished
from core.jobs.supervisor import read_events
from core.project import Project, RunFolder
from core.training.checkpoint import StepFolders
from core.training.config import TrainingConfig, save_config
from tests.models import kept_sample_model, make_tiny_model, write_numbers

CONFIG = TrainingConfig(
    learning_rate=5e-3,
    rank=4,
    alpha=8,
    dropout=0.1,
    epochs=2.0,
    effective_batch=8,
    micro_batch_tokens=256,
    max_length=128,
    patience_epochs=0,
    seed=5,
    sample_answers=False,
)
_WEIGHTS = "adapter_model.safetensors"


@dataclass
class Campaign:
    """A prepared project, the undisturbed result, and what happened so far."""

    project: Project
    params: dict[str, str]
    expected: bytes = b""
    seconds: float = 0.0
    kills: int = 0
    killed_in_save: int = 0
    finished: int = 0
    failures: list[str] = field(default_factory=list)


def prepare(root: Path) -> Campaign:
    """Make model, data and the undisturbed run.

    This process imports torch but never computes with it: a fork of a process whose OpenMP threads
    have worked would wait for them for ever.
    """
    base = root / "tiny"
    in_fork(lambda: make_tiny_model(base, kept_sample_model()))
    importlib.import_module("core.training.job")
    for name in ("torch", "transformers", "peft", "bitsandbytes", "datasets"):
        importlib.import_module(name)
    project = Project.create(root / "project")
    report = walk.prepare(project, [write_numbers(root / "numbers.jsonl", 60)])
    params = {"dataset_version": report["content_hash"], "base_model": str(base)}
    campaign = Campaign(project, params)
    began = time.monotonic()
    folder = new_run(campaign)
    child = fork(folder)
    os.waitpid(child, 0)
    campaign.seconds = time.monotonic() - began
    campaign.expected = result(folder)
    return campaign


def new_run(campaign: Campaign) -> RunFolder:
    folder = campaign.project.new_run("train")
    save_config(CONFIG, folder.config_file)
    write_json(folder.job_file, {"kind": "train", "params": campaign.params})
    return folder


def in_fork(work: Callable[[], object]) -> None:
    """Run ``work`` in a child and wait for it."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("a child failed")


def fork(folder: RunFolder) -> int:
    """Start a child that runs the real worker; return its process id."""
    child = os.fork()
    if child == 0:
        log = os.open(folder.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os._exit(worker.main([str(folder.root)]))
    return child


def result(folder: RunFolder) -> bytes:
    """Return the best adapter's bytes."""
    step, path = next(StepFolders(folder.best).newest_whole())
    return step.to_bytes(4, "big") + (path / _WEIGHTS).read_bytes()


def run(campaign: Campaign, cases: int, seed: int) -> None:
    """Kill ``cases`` times, run after run."""
    dice = random.Random(seed)
    while campaign.kills < cases:
        folder = new_run(campaign)
        while not is_finished(folder) and campaign.kills < cases:
            one_child(campaign, folder, dice.uniform(0, 1.1 * campaign.seconds))
        if not is_finished(folder):
            os.waitpid(fork(folder), 0)
        finish(campaign, folder)


def is_finished(folder: RunFolder) -> bool:
    events = read_events(folder)
    return bool(events) and isinstance(events[-1], Finished)


def one_child(campaign: Campaign, folder: RunFolder, seconds: float) -> None:
    child = fork(folder)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG)[0]:
            return  # it was faster than the knife
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    campaign.kills += 1
    if any(folder.checkpoints.glob(".staging-*")):
        campaign.killed_in_save += 1
    check(campaign, folder)


def check(campaign: Campaign, folder: RunFolder) -> None:
    """The newest checkpoint that was announced must be there, whole."""
    told = [e.step for e in read_events(folder) if isinstance(e, CheckpointSaved)]
    if not told:
        return
    step = next((step for step, _ in StepFolders(folder.checkpoints).newest_whole()), -1)
    if step < max(told[-1:]):
        fail(campaign, folder, f"checkpoint {told[-1]} was announced, newest whole is {step}")


def finish(campaign: Campaign, folder: RunFolder) -> None:
    campaign.finished += 1
    if not is_finished(folder):
        fail(campaign, folder, "the resumed run did not finish")
    elif result(folder) != campaign.expected:
        fail(campaign, folder, "the adapter differs from the undisturbed one")
    else:
        shutil.rmtree(folder.root)


def fail(campaign: Campaign, folder: RunFolder, why: str) -> None:
    campaign.failures.append(f"{folder.root}: {why}")
    sys.stdout.write(campaign.failures[-1] + "\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="folder for what failed")
    options = parser.parse_args(arguments)
    worker.quiet_environment()
    root = options.keep or Path(tempfile.mkdtemp(prefix="kills-"))
    campaign = prepare(root)
    run(campaign, options.cases, options.seed)
    sys.stdout.write(
        f"one undisturbed run {campaign.seconds:.1f} s; runs brought to their end "
        f"{campaign.finished}; killed inside a save {campaign.killed_in_save}\n"
        f"cases {campaign.kills}, failures {len(campaign.failures)}\n"
    )
    if not campaign.failures and options.keep is None:
        shutil.rmtree(root)
    return bool(campaign.failures)


if __name__ == "__main__":
    sys.exit(main())
