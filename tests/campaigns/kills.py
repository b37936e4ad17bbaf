"""Campaign: SIGKILL a real small training at random moments, resume it, compare the last bytes.

    python -m tests.campaigns.kills --cases 2000 [--seed N] [--keep DIR] [--real]

Every case is one kill of a real child process; half of the kills wait for a save and strike inside
it. After each kill the newest checkpoint that was announced must verify and nothing but the work
since then may be lost. Whenever a training reaches its end, its adapter must equal the undisturbed
run's, byte for byte. ``--real`` trains the sample model instead, started by the window's own
supervisor, with everything loaded anew after each kill (about 20 s a case).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from core.config.training import TrainingConfig, save_config
from core.events import CheckpointSaved, TrainStep
from core.jobs.spec import TrainParams
from core.jobs.supervisor import Supervisor, read_events
from core.project import Project, RunFolder
from core.training.checkpoints.checkpoint import StepFolders
from tests.campaigns.forked_runs import (
    ForkedRuns,
    Tally,
    command,
    is_finished,
    result,
    single_thread,
)

_SAMPLE = TrainingConfig(
    learning_rate=2e-4,
    epochs=1.0,
    effective_batch=2,
    micro_batch_tokens=256,
    max_length=128,
    max_steps=16,
    patience_epochs=0,
    sample_answers=False,
    checkpoint_minutes=1e-9,
)


@dataclass
class Knife:
    """Kills children and checks what they leave.

    Attributes:
        kills: how many died by it; ``in_save`` of them while a folder was being written.
        aimed: how many of them waited for a save; every second one surely strikes inside it.
        saving_seconds: about how long a save takes.
    """

    tally: Tally
    dice: random.Random
    kills: int = 0
    in_save: int = 0
    aimed: int = 0
    finished: int = 0
    saving_seconds: float = 0.02

    def strike(self, folder: RunFolder, child: int, seconds: float) -> None:
        """Let a child live for some seconds, perhaps until its next save, then kill it."""
        alive = self._wait(child, seconds)
        if alive and self.dice.random() < 0.5:
            alive = self._wait_for_save(child, folder)
        if not alive:
            return  # it was faster than the knife
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.kills += 1
        self.tally.cases += 1
        self.in_save += is_saving(folder)
        check(self.tally, folder)

    def _wait(self, child: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                os.waitpid(child, 0)
                return False
            time.sleep(0.001)
        return True

    def _wait_for_save(self, child: int, folder: RunFolder) -> bool:
        self.aimed += 1
        while self._wait_until_it_saves(child, folder):
            if self.aimed % 2 == 0:
                time.sleep(self.dice.uniform(0, self.saving_seconds))
                return True
            os.kill(child, signal.SIGSTOP)
            os.waitid(os.P_PID, child, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if is_saving(folder):
                return True
            os.kill(child, signal.SIGCONT)  # the save was faster than the knife
        return False

    def _wait_until_it_saves(self, child: int, folder: RunFolder) -> bool:
        while not is_saving(folder):
            if not self._wait(child, 0.0005):
                return False
        return True

    def finish(self, folder: RunFolder, expected: bytes) -> None:
        """Compare a run that reached its end."""
        self.finished += 1
        if not is_finished(folder):
            self.tally.fail(folder.root, "the resumed run did not finish")
        elif result(folder) != expected:
            self.tally.fail(folder.root, "the adapter differs from the undisturbed one")
        else:
            shutil.rmtree(folder.root)


def is_saving(folder: RunFolder) -> bool:
    """Return whether a folder is being written in this run."""
    return any(any(parent.glob(".staging-*")) for parent in (folder.checkpoints, folder.best))


def check(tally: Tally, folder: RunFolder) -> None:
    """The newest checkpoint that was announced must be there, whole; at most one step is lost."""
    events = read_events(folder)
    told = [event.step for event in events if isinstance(event, CheckpointSaved)]
    if not told:
        return
    step = next((step for step, _ in StepFolders(folder.checkpoints).newest_whole()), -1)
    if step < told[-1]:
        tally.fail(folder.root, f"checkpoint {told[-1]} was announced, newest whole is {step}")
    done = max((event.step for event in events if isinstance(event, TrainStep)), default=0)
    if done > step + 1:
        tally.fail(folder.root, f"{done - step} steps are lost")


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Kill ``options.cases`` times, run after run."""
    knife = Knife(tally, random.Random(options.seed))
    if options.real:
        return run_sample(options, root, knife)
    forks = ForkedRuns.open(root)
    while knife.kills < options.cases:
        folder = forks.new_run()
        while not is_finished(folder) and knife.kills < options.cases:
            knife.strike(folder, forks.fork(folder), knife.dice.uniform(0, forks.seconds / 3))
        if not is_finished(folder):
            forks.wait(forks.fork(folder))
        knife.finish(folder, forks.expected)
    return report(knife, forks.seconds)


def report(knife: Knife, seconds: float) -> str:
    return (
        f"one undisturbed run {seconds:.1f} s; runs brought to their end {knife.finished}; "
        f"killed inside a save {knife.in_save}"
    )


def run_sample(options: argparse.Namespace, root: Path, knife: Knife) -> str:
    """The same with the sample model, through the supervisor that the window uses."""
    from core.actions.examples import prepare_sample
    from core.commands.terminal import run_job
    from core.sample_project import open_sample
    from tests.models import kept_sample_model

    project = open_sample(root / "sample")
    version = prepare_sample(project, run_job=run_job).content_hash
    params = TrainParams(dataset_version=version, base_model=str(kept_sample_model()))
    began = time.monotonic()
    undisturbed = new_run(project)
    start(undisturbed, params).wait(1800)
    seconds = time.monotonic() - began
    expected = result(undisturbed)
    knife.saving_seconds = 0.2
    while knife.kills < options.cases:
        folder = new_run(project)
        while not is_finished(folder) and knife.kills < options.cases:
            supervisor = start(folder, params)
            knife.strike(folder, supervisor._child.pid, knife.dice.uniform(0, seconds / 2))
        if not is_finished(folder):
            start(folder, params).wait(1800)
        knife.finish(folder, expected)
    return report(knife, seconds)


def new_run(project: Project) -> RunFolder:
    folder = project.new_run("train")
    save_config(_SAMPLE, folder.config_file)
    return folder


def start(folder: RunFolder, params: TrainParams) -> Supervisor:
    supervisor = Supervisor(folder)
    supervisor.start(params)
    return supervisor


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    real = {"action": "store_true", "help": "the sample model through the supervisor"}
    return command(__doc__, 2000, run)(arguments, real=real)


if __name__ == "__main__":
    sys.exit(main())
