"""Campaign: several children want to work in one run folder, and locks left by the dead.

    python -m tests.campaigns.run_locks --cases 500 [--seed N]

In each case two to four real workers start in one run folder at the same moment, in half of the
cases with a lock file and a process id of long ago. Exactly one may work there; it ends properly,
is killed, or is stopped and then killed. The next one must be able to work at once, and the events
must be those of one child at a time.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.events import Finished, Started
from core.jobs import worker
from core.jobs.link import JobLink, Request
from core.jobs.spec import QueueResult
from core.jobs.supervisor import is_alive, read_events
from core.project import RunFolder
from core.storage.files import write_json
from tests.campaigns.forked_runs import Tally, command, dice

LEAVING = ("closes", "killed", "stopped and killed")
_PATIENCE_SECONDS = 60.0


def fork(work: Callable[[], int]) -> int:
    """Run ``work`` in a process; its number is the exit code."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            code = work()
        finally:
            os._exit(code)
    return process


def _wait_until(condition: Callable[[], object]) -> bool:
    """Return whether it came true; only what is broken takes longer than a minute."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def _ended(crowd: set[int]) -> tuple[int, int] | None:
    """Wait for one of some processes to end; return it and its exit code, ``None`` if none does."""
    found: list[tuple[int, int]] = []

    def look() -> bool:
        for process in crowd:
            gone, status = os.waitpid(process, os.WNOHANG)
            if gone:
                found.append((process, os.waitstatus_to_exitcode(status)))
                break  # another that has ended, too, is taken at the next call
        return bool(found)

    return found[0] if _wait_until(look) else None


def _let_leave(owner: int, folder: RunFolder, leaving: str) -> None:
    if leaving == "closes":
        write_json(folder.control_file, {"request": "stop"})
    if leaving == "stopped and killed":
        os.kill(owner, signal.SIGSTOP)
    if leaving != "closes":
        os.kill(owner, signal.SIGKILL)


def count(_folder: RunFolder, _params: object, link: JobLink) -> dict[str, int]:
    """A job that works until it is asked to stop."""
    while link.request() is not Request.STOP:
        time.sleep(0.002)
    return QueueResult(runs={"pid": str(os.getpid())})


def work_in(folder: RunFolder, gate: Path) -> int:
    """Wait for the gate and run the real worker."""
    worker.load_job = lambda _kind: count
    _wait_until(gate.exists)
    return worker.main([str(folder.root)])


def one_case(tally: Tally, root: Path, chance: random.Random, leaving: str) -> None:
    """Several children want to work in one run folder; one does; after its end the next one can."""
    folder, gate = RunFolder(root / "train-001"), root / "gate"
    folder.root.mkdir(parents=True)
    write_json(folder.job_file, {"kind": "queue", "params": {}})
    if chance.random() < 0.5:
        folder.lock_file.write_text("")
        folder.pid_file.write_text("999999")
    worker._LOCK_PATIENCE_SECONDS = 0.05
    crowd = {fork(lambda: work_in(folder, gate)) for _ in range(chance.randrange(2, 5))}
    try:
        gate.touch()
        if not _one_works(tally, folder, crowd):
            return
        (owner,) = crowd
        _let_leave(owner, folder, leaving)
        if not _has_left(tally, folder, crowd):
            return
        write_json(folder.control_file, {"request": "stop"})
        crowd.add(fork(lambda: work_in(folder, gate)))
        if not _has_left(tally, folder, crowd):
            return
    finally:
        for process in crowd:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    judge(tally, folder, leaving)


def _has_left(tally: Tally, folder: RunFolder, crowd: set[int]) -> bool:
    ended = _ended(crowd)
    if ended is None:
        tally.fail(folder.root, "a child that was to end goes on")
        return False
    crowd.discard(ended[0])
    return True


def _one_works(tally: Tally, folder: RunFolder, crowd: set[int]) -> bool:
    """Take those from the crowd that are turned away, until the one that works is left over."""
    while len(crowd) > 1:
        ended = _ended(crowd)
        if ended is None:
            tally.fail(folder.root, f"{len(crowd)} children work in one folder")
            return False
        process, code = ended
        crowd.discard(process)
        if code != worker.ALREADY_RUNNING:
            tally.fail(folder.root, f"a second child ended with {code}")
    # The others may be turned away before the one with the lock has written its number.
    began = _wait_until(lambda: any(isinstance(e, Started) for e in read_events(folder)))
    if not (began and is_alive(folder)):
        tally.fail(folder.root, "nobody works")
        return False
    if int(folder.pid_file.read_text()) not in crowd:
        tally.fail(folder.root, "the process id is not that of the one that works")
        return False
    return True


def judge(tally: Tally, folder: RunFolder, leaving: str) -> None:
    """The events must be those of one child after the other, and nobody may be left."""
    kinds = [type(event) for event in read_events(folder)]
    expected = [Started, Finished, Started, Finished]
    if kinds != (expected if leaving == "closes" else [Started, Started, Finished]):
        tally.fail(folder.root, f"{leaving}: events of one child at a time expected: {kinds}")
    if is_alive(folder):
        tally.fail(folder.root, "the lock is still held")


def run(options: argparse.Namespace, root: Path, tally: Tally) -> str:
    """Play ``options.cases`` cases."""
    for case in range(options.cases):
        place = root / f"case-{case:05d}"
        place.mkdir(parents=True)
        before = len(tally.failures)
        one_case(tally, place, dice(options.seed, case), LEAVING[case % len(LEAVING)])
        tally.cases += 1
        if len(tally.failures) == before:
            shutil.rmtree(place)
    return "two to four children at once"


def main(arguments: list[str] | None = None) -> int:
    return command(__doc__, 500, run)(arguments)


if __name__ == "__main__":
    sys.exit(main())
