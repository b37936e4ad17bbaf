"""A disk that is really full at a checkpoint: the run waits, loses nothing, and goes on."""

import threading
import time

from core.events import Finished, Notice, StateChanged
from core.jobs.link import Request
from core.jobs.supervisor import read_events
from core.training import validation
from core.training.checkpoints import disk_space
from core.training.checkpoints.checkpoint import StepFolders
from core.training.loop import train_steps
from tests.core.training.conftest import TINY


def fill(folder):
    """Write a file until nothing more fits; return it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            pass
    return ballast


def test_the_run_waits_for_room_and_goes_on(make_run, small_disk, monkeypatch):
    monkeypatch.setattr(disk_space, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(
        disk_space, "require_room", lambda _folder, _needed: None
    )  # full at the write
    run = make_run(config=TINY.with_values({"max_steps": 4}))
    run.checkpoints = StepFolders(small_disk / "checkpoints")
    validation.validate(run)
    assert run.checkpoints.steps() == [0]
    ballast = fill(small_disk)
    seen_while_full = []

    def make_room():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any(isinstance(e, Notice) for e in read_events(run.link.folder)):
                time.sleep(0.3)
                seen_while_full.extend(step for step, _ in run.checkpoints.newest_whole())
                break
            time.sleep(0.02)
        ballast.unlink()

    helper = threading.Thread(target=make_room)
    helper.start()
    assert train_steps(run) is Request.RUN
    helper.join()
    assert seen_while_full == [0], "the old checkpoint must stay whole while the disk is full"
    assert next(run.checkpoints.newest_whole())[0] == 4
    events = read_events(run.link.folder)
    (notice,) = [e for e in events if isinstance(e, Notice)]
    assert notice.code == "disk.full"
    assert "Free at least 0.1 GB" in notice.todo
    assert [e.state for e in events if isinstance(e, StateChanged)] == ["paused", "running"]
    assert not any(isinstance(e, Finished) for e in events)
    assert not list(run.checkpoints.parent.glob(".staging-*"))
