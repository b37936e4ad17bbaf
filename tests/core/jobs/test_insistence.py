"""A job that hangs is ended after a cancel, with its helpers; nobody else is."""

import os
import time

import psutil
import pytest

from core.events import Failed, Finished, Progress
from core.jobs import insistence
from core.jobs.insistence import Insistence
from core.jobs.link import Request
from core.jobs.supervisor import Supervisor, is_alive, read_events
from tests.core.jobs.test_supervisor import started, wait_for

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(insistence, "PATIENCE_SECONDS", 0.5)


def is_gone(process):
    """Whether a process ends within a minute; one that nobody reaps has ended too."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("foreign", [False, True])
def test_a_job_that_ignores_a_cancel_is_ended_with_its_helpers(folder, foreign):
    owner = started(folder, "hang")
    helper = psutil.Process(wait_for(folder, Progress).done)
    supervisor = owner
    if foreign:
        supervisor = Supervisor(folder)
        supervisor.attach()
    supervisor.ask(Request.CANCEL)
    end = list(supervisor.follow())[-1]
    owner.wait()
    assert end == Finished(outcome="cancelled", at=end.at)
    assert read_events(folder)[-1] == end, "so that it is not offered to go on"
    assert not is_alive(folder)
    assert is_gone(helper)


def test_a_job_that_is_only_asked_to_stop_is_never_ended(folder):
    supervisor = started(folder, "hang")
    process = psutil.Process(wait_for(folder, Progress).done).parent()
    supervisor.ask(Request.CANCEL)
    supervisor.ask(Request.STOP)
    follow = supervisor.follow()
    assert not isinstance(next(follow), Finished | Failed)
    kept = Insistence(folder)
    kept.cancel_asked(True)
    kept.cancel_asked(False)
    kept.look()
    assert process.is_running()
    assert not kept.ended
    supervisor.ask(Request.CANCEL)
    assert list(follow)[-1].outcome == "cancelled"


@pytest.mark.parametrize("number", ["this process", "", "x", "9" * 30, "-1"])
def test_a_number_that_is_not_the_workers_ends_nobody(folder, number):
    folder.pid_file.write_text(str(os.getpid()) if number == "this process" else number)
    kept = Insistence(folder)
    kept.cancel_asked(True)
    kept._since -= 60
    kept.look()
    assert not kept.ended
