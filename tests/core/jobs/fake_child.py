"""A child that behaves as the test wants: run as ``python fake_child.py RUN_FOLDER``."""

import os
import signal
import subprocess
import sys
import time
from typing import ClassVar

from core import contract
from core.contract import JobParams, JobResult
from core.errors import UserFacingError
from core.events import Progress
from core.jobs import worker
from core.jobs.link import Ended, Request


class FakeResult(JobResult):
    """What the fake job gives."""

    kind: ClassVar[str] = "fake"

    answer: int | None = None
    ticks: int | None = None


class FakeParams(JobParams[FakeResult]):
    """How the fake job shall behave."""

    kind: ClassVar[str] = "fake"

    behaviour: str


contract.KINDS["fake"] = "tests.core.jobs.fake_child:FakeParams"


def fake(behaviour):
    """Return the parameters of a job that behaves like this."""
    return FakeParams(behaviour=behaviour)


def run(folder, params, link):
    behaviour = params.behaviour
    if behaviour == "succeed":
        for i in range(3):
            link.progress("Counting", i, 3, "sheep")
        return FakeResult(answer=42)
    if behaviour == "babble":
        sys.stdout.write("noise on standard output\n")
        with folder.events_file.open("ab") as stream:
            stream.write(b'{"kind": "from the future"}\nnot json at all\n\xff\xfe\n')
        return FakeResult()
    if behaviour == "fail":
        raise UserFacingError("fake.failed", "It failed.", "Do something else.")
    if behaviour == "bug":
        raise RuntimeError("unforeseen")
    if behaviour == "die":
        sys.stderr.write("last words\n")
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if behaviour == "exit":
        os._exit(7)
    if behaviour == "disk":
        raise OSError(28, "No space left on device", "/nowhere/file")
    if behaviour == "deaf":
        link.emit(Progress(phase="Deaf"))
        while True:
            time.sleep(1)
    if behaviour == "obey":
        return _obey(link)
    if behaviour == "save at the end":
        with link.may_save_at_the_end():
            return _obey(link)
    if behaviour == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        link.progress("Hanging", helper.pid)
        time.sleep(600)
    raise AssertionError(behaviour)


def _obey(link):
    ticks = 0
    while True:
        link.progress("Working", ticks)
        ticks += 1
        request = link.wait_while_paused("asked to")
        if request is Request.STOP:
            raise worker.Stopped(FakeResult(ticks=ticks))
        if request is Request.END:
            link.progress("Saving")
            raise Ended
        time.sleep(0.02)


if __name__ == "__main__":
    worker.JOBS["fake"] = "tests.core.jobs.fake_child:run"
    sys.exit(worker.main(sys.argv[1:]))
