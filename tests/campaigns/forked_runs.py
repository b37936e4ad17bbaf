"""Real children in milliseconds: this process loads a tiny model once and forks the real worker.

Of a child's life only the loading is left out; its lock, events, resuming, steps, saves and end are
the real ones. OpenMP must keep to one thread: a fork of a process whose other threads have worked
would wait for them for ever. So a campaign calls :func:`single_thread` before torch is imported.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.actions.examples import prepare
from core.commands.terminal import run_job
from core.config.training import TrainingConfig, save_config
from core.events import Event, Finished
from core.hardware.system import awake
from core.jobs import worker
from core.jobs.link import JobLink
from core.jobs.spec import TrainParams, write_spec
from core.jobs.supervisor import read_events
from core.project import Project, RunFolder
from core.training.checkpoints.checkpoint import StepFolders
from tests.models import kept_sample_model, make_tiny_model, write_numbers

TINY = TrainingConfig(
    learning_rate=5e-3,
    rank=4,
    alpha=8,
    dropout=0.1,
    epochs=2.0,
    effective_batch=4,
    micro_batch_tokens=256,
    validations_per_epoch=1,
    max_length=64,
    patience_epochs=0,
    seed=5,
    sample_answers=False,
    checkpoint_minutes=1e-9,  # after every step
)
_LONGEST_LIFE = 900  # seconds; 200 steps with a save after each, beside other work
_WEIGHTS = "adapter_model.safetensors"


def single_thread() -> None:
    """Settings that make forking safe and children quick; only before torch is imported."""
    assert "torch" not in sys.modules
    os.environ["OMP_NUM_THREADS"] = "1"
    worker.quiet_environment()


class Stay:
    """Stands in for the desktop's sleep: not what is examined, and it may take seconds."""

    active = True

    def __enter__(self) -> Stay:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


@dataclass
class ForkedRuns:
    """A loaded project, and the undisturbed result.

    Attributes:
        seconds: how long the undisturbed run took after loading.
        expected: its best step and adapter.
        real_prepare: in a child, the function that loads everything anew.
    """

    project: Project
    params: TrainParams
    config: TrainingConfig
    prepared: Any = None
    seconds: float = 0.0
    expected: bytes = b""
    real_prepare: Any = None

    @classmethod
    def open(
        cls, root: Path, config: TrainingConfig = TINY, rows: int = 60, *, load: bool = True
    ) -> ForkedRuns:
        """Make model and data; unless told otherwise, load them and train once undisturbed."""
        base = make_tiny_model(root / "tiny", kept_sample_model())
        project = Project.create(root / "project")
        report = prepare(project, [write_numbers(root / "numbers.jsonl", rows)], run_job=run_job)
        params = TrainParams(dataset_version=report.content_hash, base_model=str(base))
        forks = cls(project, params, config)
        if load:
            forks.load()
        return forks

    def load(
        self, config: TrainingConfig | None = None, before: Callable[[], object] = lambda: None
    ) -> None:
        """Load model and tables for a config, and train once undisturbed (after ``before``)."""
        from core.training import job

        self.config = config or self.config
        awake._system_inhibitor = Stay
        folder = self.new_run()
        with JobLink(folder) as link:
            self.prepared = job.assemble_run(folder, self.params, link)
        began = time.monotonic()
        if self.wait(self.fork(folder, before)):
            raise RuntimeError(folder.log_file.read_text())
        self.seconds = time.monotonic() - began
        self.expected = result(folder)

    def new_run(self) -> RunFolder:
        """Return the folder of a new training that has not begun."""
        folder = self.project.new_run("train")
        save_config(self.config, folder.config_file)
        write_spec(folder, self.params)
        return folder

    def fork(self, folder: RunFolder, before: Callable[[], object] = lambda: None) -> int:
        """Start a child that calls ``before`` and runs the real worker; return its process id."""
        child = os.fork()
        if child == 0:
            self._become_child(folder, before)
        return child

    def _become_child(self, folder: RunFolder, before: Callable[[], object]) -> None:
        code = 70
        signal.alarm(_LONGEST_LIFE)  # a child that hangs dies of it, and that is a failure
        try:
            log = os.open(folder.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            from core.training import job

            self.real_prepare, job.assemble_run = job.assemble_run, self._prepare
            before()
            code = worker.main([str(folder.root)])
        finally:
            os._exit(code)

    def _prepare(self, folder: RunFolder, _params: object, link: JobLink, _ranks: object) -> Any:
        return dataclasses.replace(
            self.prepared,
            link=link,
            checkpoints=StepFolders(folder.checkpoints),
            best=StepFolders(folder.best),
            saved_at=time.monotonic(),
        )

    @staticmethod
    def wait(child: int) -> int:
        """Wait for a child's end; return its exit code (negative: the signal)."""
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def result(folder: RunFolder) -> bytes:
    """Return the best step and the best adapter's bytes."""
    step, path = next(StepFolders(folder.best).newest_whole(), (-1, None))
    return b"" if path is None else step.to_bytes(4, "big") + (path / _WEIGHTS).read_bytes()


def last_event(folder: RunFolder) -> Event | None:
    """Return the last event of a run."""
    events = read_events(folder)
    return events[-1] if events else None


def is_finished(folder: RunFolder) -> bool:
    """Return whether the training said that it is complete."""
    return isinstance(last_event(folder), Finished)


@dataclass
class Tally:
    """What a campaign counts: cases, failures, and lines about what happened."""

    cases: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fail(self, where: object, why: str) -> None:
        """Note a failure; its folder is kept."""
        self.failures.append(f"{where}: {why}")
        sys.stdout.write(self.failures[-1] + "\n")
        sys.stdout.flush()


def command(
    description: str, cases: int, run: Callable[[argparse.Namespace, Path, Tally], str]
) -> Callable[[list[str] | None], int]:
    """Return the ``main`` of a campaign: options, a folder, the last line, what failed kept.

    Args:
        description: first line of the campaign's docstring.
        cases: default of ``--cases``.
        run: does the work in a folder; returns a line about what happened.
    """

    def main(arguments: list[str] | None = None, **more: Any) -> int:
        parser = argparse.ArgumentParser(description=description.splitlines()[0])
        parser.add_argument("--cases", type=int, default=cases)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--keep", type=Path, default=None, help="folder for what failed")
        for name, options in more.items():
            parser.add_argument(f"--{name}", **options)
        options = parser.parse_args(arguments)
        root = options.keep or Path(tempfile.mkdtemp(prefix="campaign-"))
        tally = Tally()
        began = time.monotonic()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            line = run(options, root, tally)
        except KeyboardInterrupt:
            line = "cut short"
        tally.seconds = time.monotonic() - began
        each = tally.seconds / max(1, tally.cases)
        sys.stdout.write(
            f"{line}\n{tally.seconds:.0f} s, {each:.3f} s a case\n"
            f"cases {tally.cases}, failures {len(tally.failures)}\n"
        )
        if not tally.failures and options.keep is None:
            shutil.rmtree(root, ignore_errors=True)
        return bool(tally.failures)

    return main


def by_seed(
    run_case: Callable[[int], list[str]],
) -> Callable[[argparse.Namespace, Path, Tally], str]:
    """Return the ``run`` of a campaign whose cases differ by their seed alone.

    Args:
        run_case: takes a seed; returns what was wrong.
    """

    def run(options: argparse.Namespace, _root: Path, tally: Tally) -> str:
        for seed in range(options.seed, options.seed + options.cases):
            wrong = run_case(seed)
            tally.cases += 1
            if wrong:
                tally.fail(f"seed {seed}", "; ".join(text[:400] for text in wrong[:5]))
        return f"seeds {options.seed} to {options.seed + options.cases - 1}"

    return run


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """Mount a small tmpfs; gives ``None`` where that is not permitted."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = not subprocess.run(mount, capture_output=True, check=False).returncode
    except OSError:
        mounted = False
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def dice(seed: int, case: int) -> random.Random:
    """Return the random numbers of one case, the same whichever cases ran before."""
    return random.Random(seed * 1_000_003 + case)
