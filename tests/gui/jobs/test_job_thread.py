from __future__ import annotations

import itertools
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from core.events import Failed, Finished, TrainStep
from core.jobs.link import Request
from core.jobs.supervisor import Supervisor, is_alive
from core.project import RunFolder
from gui.jobs import job_thread
from gui.jobs.job_thread import JobThread
from gui.wizard.session import Session
from tests.gui.fake_training_child import TOTAL, FakeTraining, let_go_on
from tests.gui.scenes import training_events, until, write_events

pytestmark = pytest.mark.usefixtures("fake_training")


@pytest.fixture
def run(project_session: Session) -> RunFolder:
    return project_session.require_project().new_run("train")


def follow(qtbot: QtBot, thread: JobThread) -> list[object]:
    events: list[object] = []
    thread.event.connect(events.append)
    with qtbot.waitSignal(thread.ended, timeout=60_000):
        thread.start()
    thread.let_go()
    return events


def steps(events: list[object]) -> list[int]:
    return [event.step for event in events if isinstance(event, TrainStep)]


def is_step(event: object, step: int) -> bool:
    return isinstance(event, TrainStep) and event.step == step


def test_all_events_arrive_in_order_and_the_last_one_ends(qtbot: QtBot, run: RunFolder) -> None:
    events = follow(qtbot, JobThread(run, FakeTraining()))
    assert steps(events) == list(range(1, TOTAL + 1))
    assert isinstance(events[-1], Finished)


def test_attaching_tells_the_whole_history(qtbot: QtBot, run: RunFolder) -> None:
    first = follow(qtbot, JobThread(run, FakeTraining()))
    assert steps(follow(qtbot, JobThread(run))) == steps(first)


def test_letting_go_leaves_the_job_running(qtbot: QtBot, run: RunFolder) -> None:
    thread = JobThread(run, FakeTraining(waits_at=4))
    events: list[object] = []
    thread.event.connect(events.append)
    thread.start()
    until(qtbot, lambda: steps(events) == [1, 2, 3, 4])
    thread.let_go()
    assert is_alive(run)
    seen = len(events)
    other = JobThread(run)
    other.event.connect(lambda event: is_step(event, 4) and let_go_on(run))
    again = follow(qtbot, other)
    assert len(events) == seen, "nothing arrives after letting go"
    assert steps(again) == list(range(1, TOTAL + 1))
    thread._supervisor.wait()


def test_requests_reach_the_child(qtbot: QtBot, run: RunFolder) -> None:
    thread = JobThread(run, FakeTraining(waits_at=4))
    thread.event.connect(lambda event: is_step(event, 4) and thread.ask(Request.STOP))
    events = follow(qtbot, thread)
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome == "stopped"
    assert steps(events) == [1, 2, 3, 4]


def test_a_killed_child_becomes_a_sentence(qtbot: QtBot, run: RunFolder) -> None:
    events = follow(qtbot, JobThread(run, FakeTraining(dies=True)))
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "job.killed"


def test_a_second_start_is_refused_with_a_sentence(qtbot: QtBot, run: RunFolder) -> None:
    supervisor = Supervisor(run)
    supervisor.start(FakeTraining(waits_at=1))
    until(qtbot, lambda: is_alive(run))
    events = follow(qtbot, JobThread(run, FakeTraining()))
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "job.already_running"
    let_go_on(run)
    supervisor.wait()


def test_a_training_that_was_just_taken_up_elsewhere_is_followed(
    qtbot: QtBot, run: RunFolder
) -> None:
    supervisor = Supervisor(run)
    supervisor.start(FakeTraining(dataset_version="x", base_model="x", waits_at=1))
    until(qtbot, lambda: is_alive(run))
    thread = JobThread(run, take_up=True)
    thread.event.connect(lambda event: is_step(event, 1) and let_go_on(run))
    events = follow(qtbot, thread)
    assert isinstance(events[-1], Finished)
    assert steps(events) == list(range(1, TOTAL + 1))
    supervisor.wait()


def test_a_mistake_while_following_is_told(
    qtbot: QtBot, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Supervisor, "follow", broken)
    events = follow(qtbot, JobThread(run))
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "window.cannot_follow"
    assert "ZeroDivisionError" in events[-1].details


def test_a_long_history_does_not_block_the_window(
    qtbot: QtBot, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With events that take a millisecond each, however fast or busy this computer is."""
    milliseconds = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: next(milliseconds) / 1000)
    monkeypatch.setattr(job_thread, "time", clock)
    write_events(run, training_events(5_000, 5_000))
    write_events(run, [Finished(outcome="completed")])
    thread = JobThread(run)
    events: list[object] = []
    thread.event.connect(events.append)
    turns, arrived = QTimer(thread), [0]
    turns.timeout.connect(lambda: arrived.append(len(events)))
    turns.start(0)
    with qtbot.waitSignal(thread.ended, timeout=60_000):
        thread.start()
    turns.stop()
    thread.let_go()
    assert len(steps(events)) == 5_000
    most = max(after - before for before, after in itertools.pairwise(arrived))
    assert 0 < most < 100, "the window was blocked"


def test_emitting_loses_no_references(qtbot: QtBot, run: RunFolder) -> None:
    """PySide6 6.12.0 drops one reference to ``True`` at each emit; 3.11 dies of it after hours."""
    thread = JobThread(run)
    before = sys.getrefcount(True)
    for _ in range(200):
        thread.event.emit(None)
    assert sys.getrefcount(True) > before - 100
