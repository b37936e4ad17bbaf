"""Campaign: the disk refuses, at every write of a real training and with every reason.

    python -m tests.campaigns.full_disk --cases 1040 [--seed N]

Two kinds of cases. In the first, the n-th operation on the disk fails (ENOSPC, EIO or EACCES, for
every n and for a while from there on): opening, writing, flushing, making a folder, renaming. In
the second (every fourth case, where small file systems may be mounted), a real tmpfs is full from
some step on. The training must wait, say what to free or mend, keep the checkpoint it had, go on by
itself when the disk takes writes again, and end with the undisturbed adapter and a whole curve.
What fails before the first step may be refused instead; the next start must then work. Each save
that was refused must have been told, with its cause and what to do; an event only comes later.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.events import CheckpointSaved, Failed, Notice, StateChanged, TrainStep
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.training.checkpoints import disk_space
from core.training.checkpoints.checkpoint import StepFolders
from tests.campaigns.forked_runs import (
    TINY,
    ForkedRuns,
    Tally,
    command,
    dice,
    is_finished,
    result,
    single_thread,
    small_disk,
)

_CODES = {
    errno.ENOSPC: "disk.full",
    errno.EIO: "disk.error",
    errno.EACCES: "disk.no_permission",
}
_REASONS = tuple(_CODES)
_CONFIG = TINY.with_values({"max_steps": 5})
_OPERATIONS = 260  # on the disk in such a run; measured, a few more are harmless
_POLL = 0.01
_PATIENCE = 120.0
_TRIES = 20  # in vain, before the disk has room again


@dataclass
class Fault:
    """Lets operations on the disk fail, from the ``first`` to the ``last`` (counted from 0)."""

    first: int
    last: int
    number: int
    folder: Path
    count: int = 0
    struck: int = -1

    def check(self) -> None:
        """Count one operation; raise if it is to fail."""
        self.count += 1
        if self.first < self.count <= self.last + 1:
            if self.struck >= 0:
                _WRITE(self.struck, f"{_who_works()}\n".encode())
            raise OSError(self.number, os.strerror(self.number), str(self.folder))

    def install(self, diary: Path) -> None:
        """Stand before the system's own functions, in this process.

        Args:
            diary: gets a line for each failure: what was at work.
        """
        self.struck = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for name in ("write", "fsync", "mkdir", "rename", "replace"):
            setattr(os, name, self._guarded(getattr(os, name)))
        real = io.open

        def opened(file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
            if not set(mode) & set("wxa+"):
                return real(file, mode, *more, **options)
            self.check()
            return FaultyFile(real(file, mode, *more, **options), self)

        io.open = opened  # what pathlib calls
        disk_space.POLL_SECONDS = _POLL

    def _guarded(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def function(*arguments: Any, **options: Any) -> Any:
            self.check()
            return real(*arguments, **options)

        return function


_WRITE = os.write
_SAVING, _TELLING, _OTHER = "saving", "telling", "other"
_WORKS = {"save_or_wait": _SAVING, "_write_out": _TELLING}


def _who_works() -> str:
    """Return whether a save, an event or something else has called for the disk."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name in _WORKS:
            return _WORKS[frame.f_code.co_name]
        frame = frame.f_back
    return _OTHER


class FaultyFile:
    """A file whose writes may fail."""

    def __init__(self, stream: Any, fault: Fault) -> None:
        self._stream = stream
        self._fault = fault

    def write(self, content: Any) -> int:
        self._fault.check()
        return self._stream.write(content)

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def injected(tally: Tally, forks: ForkedRuns, case: int, chance: random.Random) -> None:
    """One training in which operations fail."""
    first = 37 * (case // len(_REASONS)) % _OPERATIONS  # prime to it: few cases are spread, too
    length = chance.choice([1, 1, 2, 5, 30])
    fault = Fault(first, first + length - 1, _REASONS[case % len(_REASONS)], forks.project.root)
    folder = forks.new_run()
    diary = forks.project.root / f"{folder.name} failures"
    code = forks.wait(forks.fork(folder, lambda: fault.install(diary)))
    name = f"{errno.errorcode[fault.number]} at {first}, {length} times"
    refused = [e for e in read_events(folder) if isinstance(e, Failed)]
    if refused:
        early = not any(isinstance(e, TrainStep) for e in read_events(folder))
        if not (early and refused[-1].code.startswith("disk.")):
            tally.fail(folder.root, f"{name}: it failed with {refused[-1]}")
    if unsaid := what_was_not_said(diary, folder, _CODES[fault.number], code):
        tally.fail(folder.root, f"{name}: {unsaid}")
    diary.unlink(missing_ok=True)
    if not is_finished(folder):  # refused, or not even a word could be said: the next start works
        forks.wait(forks.fork(folder))
    judge(tally, forks, folder, name)


def what_was_not_said(diary: Path, folder: RunFolder, code: str, exit_code: int) -> str:
    """Return what the person should have been told of the failures and was not, ``""`` if nothing.

    Args:
        diary: what was at work at each failure.
        code: that of the disk's refusal.
        exit_code: how the child ended.
    """
    struck = set(diary.read_text().split()) if diary.exists() else set()
    events = read_events(folder)
    told = [e for e in events if isinstance(e, Notice | Failed) and e.code == code and e.todo]
    if _SAVING in struck and not told:
        return f"a save was refused, and nothing was said: {events[-3:]}"
    waited = [e for e in told if isinstance(e, Notice)]
    states = [e.state for e in events if isinstance(e, StateChanged)]
    if waited and states[:2] != ["paused", "running"]:
        return f"it was told to wait, but the states were {states}"
    if any("Free at least" not in e.todo for e in waited if code == "disk.full"):
        return "it was not said how much to free"
    if _OTHER in struck and not told and not is_finished(folder) and exit_code == 0:
        return "it ended without a word"
    return ""


def really_full(tally: Tally, forks: ForkedRuns, disk: Path, chance: random.Random) -> None:
    """One training on a disk that is full from some step on."""
    folder = RunFolder(disk / "project" / "runs" / forks.new_run().name)
    shutil.copytree(forks.project.run(folder.name).root, folder.root)
    (disk / "project" / "project.json").write_bytes(forks.project.info_file.read_bytes())
    spare = chance.choice([0, 4096, 50_000])
    step = chance.randrange(1, 4)
    marker = forks.project.root / f"{folder.name} waits"

    def before() -> None:
        disk_space.POLL_SECONDS = _POLL
        disk_space.time = TellingTime(marker)  # type: ignore[assignment]
        disk_space.SPARE_BYTES = spare  # none: the refusal comes from the system itself
        fill_at(step, disk, folder)

    child = forks.fork(folder, before)
    kept = wait_until_it_waits(folder, marker)
    whole = next((step for step, _ in StepFolders(folder.checkpoints).newest_whole()), None)
    (disk / "ballast").unlink(missing_ok=True)
    forks.wait(child)
    marker.unlink(missing_ok=True)
    told = notices(folder)
    name = f"full at step {step}, {spare} spare"
    if not told or "Free at least" not in told[0].todo:
        tally.fail(folder.root, f"{name}: nobody was told how much to free")
    if (whole or 0) < (kept or 0):
        tally.fail(folder.root, f"{name}: checkpoint {kept} was not kept, {whole} is whole")
    judge(tally, forks, folder, name)
    shutil.rmtree(disk / "project")
    shutil.rmtree(forks.project.run(folder.name).root)


def fill_at(step: int, disk: Path, folder: RunFolder) -> None:
    """Fill the disk as soon as the checkpoint of a step is announced."""
    from core.jobs.link import JobLink

    real = JobLink.emit

    def emit(link: JobLink, event: Any) -> None:
        real(link, event)
        if isinstance(event, CheckpointSaved) and event.step == step:
            with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as stream:
                while True:
                    stream.write(bytes(4096))

    JobLink.emit = emit  # type: ignore[method-assign]


class TellingTime:
    """The time for a training that waits for room: tells on another disk that it tried for long.

    On a disk without a spare byte the events themselves wait in memory, and nothing is to be read.
    """

    monotonic = staticmethod(time.monotonic)

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self._tries = 0

    def sleep(self, seconds: float) -> None:
        """Wait; the marker comes with the last try that is to be in vain."""
        self._tries += 1
        if self._tries == _TRIES:
            self._marker.touch()
        time.sleep(seconds)


def wait_until_it_waits(folder: RunFolder, marker: Path) -> int | None:
    """Wait until the training waits for room; return the step of the announced checkpoint."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and not marker.exists() and not is_finished(folder):
        time.sleep(_POLL)
    told = [e.step for e in read_events(folder) if isinstance(e, CheckpointSaved)]
    return told[-1] if told else None


def notices(folder: RunFolder) -> list[Notice]:
    """Return what was said about the full disk."""
    events = read_events(folder)
    return [e for e in events if isinstance(e, Notice) and e.code == "disk.full"]


def judge(tally: Tally, forks: ForkedRuns, folder: RunFolder, name: str) -> None:
    """The end must be that of the undisturbed run, and the curve whole."""
    tally.cases += 1
    before = len(tally.failures)
    steps = [event.step for event in read_events(folder) if isinstance(event, TrainStep)]
    if not is_finished(folder):
        tally.fail(folder.root, f"{name}: it did not finish")
    elif result(folder) != forks.expected:
        tally.fail(folder.root, f"{name}: the adapter differs")
    elif sorted(set(steps)) != list(range(1, 6)):
        tally.fail(folder.root, f"{name}: steps {steps}")
    if len(tally.failures) == before and folder.root.parent == forks.project.runs_folder:
        shutil.rmtree(folder.root)


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Train ``options.cases`` times."""
    forks = ForkedRuns.open(root, _CONFIG)
    full = 0
    with small_disk(root / "small disk", "8m") as disk:
        for case in range(options.cases):
            chance = dice(options.seed, case)
            if case % 4 == 3 and disk is not None:
                really_full(tally, forks, disk, chance)
                full += 1
            else:
                injected(tally, forks, case - full, chance)
    skipped = "" if disk else " (small file systems may not be mounted here)"
    return f"{full} on a disk that was really full{skipped}"


def main(arguments: list[str] | None = None) -> int:
    single_thread()
    return command(__doc__, 1040, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())
