"""Real children, real uv, real kills."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.events import Failed, Finished, Transfer
from core.installation import job
from core.installation.plan import collected, engine_state
from core.installation.spec import EngineParams
from core.installation.versions import job_folder, wheels_folder
from core.installed_engine import engine_site, pointer
from core.jobs.link import Request, worker_of
from core.jobs.supervisor import Supervisor
from tests.core.installation.conftest import QUICK
from tests.loopback_index import BROKEN, Index


def install(lock, source="", during=lambda supervisor, event: None):
    """Run the job in a child to its end; return its last event."""
    supervisor = Supervisor(job_folder())
    supervisor.start(EngineParams(lock=lock, source=source, patience=QUICK))
    last = None
    for event in supervisor.follow():
        last = event
        during(supervisor, event)
    return last


def test_an_engine_is_fetched_tried_and_used(index: Index):
    lock = index.lock(size=300_000)
    last = install(lock)
    assert isinstance(last, Finished), last
    assert last.result.torch == "2.13.0" and last.result.seen == "2.13.0, without a card"
    site = engine_site()
    assert site is not None and (site / "tinymath.py").is_file()
    assert not wheels_folder().exists() and engine_state().record is not None


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_job_that_is_killed_again_and_again_continues(index: Index):
    lock = index.lock(size=3_000_000)
    index.rate = 1_000_000
    kept = [0]

    def kill(_supervisor, event):
        if isinstance(event, Transfer) and collected() > kept[-1]:
            os.kill(int(worker_of(job_folder())), signal.SIGKILL)

    for _ in range(3):
        last = install(lock, during=kill)
        assert isinstance(last, Failed) and last.code == "job.killed"
        assert collected() >= kept[-1] and engine_site() is None
        kept.append(collected())
    index.rate = 0
    assert isinstance(install(lock), Finished)
    begun = [int(asked[6:-1]) for path, asked in index.seen if "torch" in path and asked]
    assert begun and begun[0] > 0 and begun == sorted(begun)  # never from the beginning again
    assert engine_site() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_while_uv_installs_leaves_nothing_half(index: Index, monkeypatch, tmp_path):
    slow = tmp_path / "uv"
    slow.write_text(f'#!/bin/sh\nmkdir -p half; sleep 3; exec {job.uv.find_uv()} "$@"\n')
    slow.chmod(0o755)
    lock = index.lock(size=100_000)
    monkeypatch.setenv(job.uv.VARIABLE, str(slow))
    supervisor = Supervisor(job_folder())
    supervisor.start(EngineParams(lock=lock, patience=QUICK))
    for event in supervisor.follow():
        if getattr(event, "phase", "") == "Installing PyTorch":
            time.sleep(0.5)
            os.kill(int(worker_of(job_folder())), signal.SIGKILL)
    assert engine_site() is None and collected() == lock.size
    monkeypatch.delenv(job.uv.VARIABLE)
    index.seen.clear()
    assert isinstance(install(lock), Finished) and not index.seen
    assert engine_site() is not None


def test_a_stop_keeps_and_a_cancel_deletes(index: Index):
    lock = index.lock(size=2_000_000)
    index.rate = 500_000

    def ask(request):
        return lambda supervisor, event: (
            supervisor.ask(request) if isinstance(event, Transfer) else None
        )

    last = install(lock, during=ask(Request.STOP))
    assert isinstance(last, Finished) and last.outcome == "stopped" and last.result.kept > 0
    last = install(lock, during=ask(Request.CANCEL))
    assert isinstance(last, Finished) and last.outcome == "cancelled" and collected() == 0


def test_a_new_version_that_does_not_work_leaves_the_old_one(index: Index):
    assert isinstance(install(index.lock()), Finished)
    used = pointer()
    last = install(index.lock(version="2.14.0", code=BROKEN))
    assert isinstance(last, Failed) and last.code == "engine.does_not_work"
    assert pointer() == used
    last = install(index.lock(version="2.14.1"))
    assert isinstance(last, Finished) and pointer().before == used.current


def test_a_folder_of_wheels_is_enough_and_a_wrong_one_is_refused(index: Index, tmp_path: Path):
    lock = index.lock()
    index.write_to(tmp_path / "stick")
    wheel = tmp_path / "stick" / lock.wheels[0].file
    content = wheel.read_bytes()
    wheel.write_bytes(content[:-9] + b"!" + content[-8:])
    last = install(lock, str(tmp_path / "stick"))
    assert isinstance(last, Failed) and last.code == "engine.wrong_hash"
    wheel.write_bytes(content)
    assert isinstance(install(lock, str(tmp_path / "stick")), Finished)
    assert not index.seen and wheel.exists()


def test_without_room_nothing_is_fetched(index: Index, monkeypatch):
    from core.installation import plan

    monkeypatch.setattr(plan, "disk_free", lambda _folder: 1000)

    class Link:
        """Hears nothing."""

    with pytest.raises(UserFacingError) as refusal:
        job.Installation(EngineParams(lock=index.lock()), Link()).work()
    assert refusal.value.code == "engine.disk_full" and not index.seen
