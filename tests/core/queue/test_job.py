import os
import signal
import sys

import pytest

from core.events import Notice, QueueMoved
from core.jobs import supervisor
from core.jobs.link import JobLink, Request
from core.jobs.spec import QueueParams
from core.jobs.supervisor import Supervisor, is_alive, read_events
from core.project import Project
from core.queue import entries, job
from core.storage.files import write_json
from tests.core.jobs.fake_training import FakeTraining
from tests.core.queue.queues import add, states


@pytest.fixture
def project(tmp_path, monkeypatch):
    def command(folder):
        return [sys.executable, "-m", "tests.core.jobs.fake_training", str(folder.root)]

    monkeypatch.setattr(supervisor, "worker_command", command)
    monkeypatch.setattr(job, "_POLL_SECONDS", 0.02)
    return Project.create(tmp_path / "Projekt ü 漢字")


def run_queue(project, link_type=JobLink):
    folder = project.new_run("queue")
    with link_type(folder) as link:
        return job.run_queue(folder, QueueParams(), link)


def moves(project):
    events = read_events(project.latest_run("queue"))
    return [(e.run, e.state) for e in events if isinstance(e, QueueMoved)]


def test_all_run_in_order_and_no_failure_stops_the_next(project):
    for ends in ("done", "failed", "killed", "done"):
        add(project, ends=ends)
    assert run_queue(project).runs == {
        "train-001": "done",
        "train-002": "failed",
        "train-003": "interrupted",
        "train-004": "done",
    }
    assert states(project) == ["done", "failed", "interrupted", "done"]
    assert moves(project)[:3] == [
        ("train-001", "running"), ("train-001", "done"), ("train-002", "running")
    ]  # fmt: skip


def test_a_training_that_cannot_be_started_is_left_out(project):
    broken, sound = add(project), add(project)
    broken.job_file.write_text("{")
    assert run_queue(project).runs == {broken.name: "failed", sound.name: "done"}
    events = read_events(project.latest_run("queue"))
    assert [e.code for e in events if isinstance(e, Notice)] == ["queue.not_started"]


def test_a_lost_card_ends_the_queue_and_the_rest_goes_on_waiting(project):
    for ends in ("done", "card lost", "done"):
        add(project, ends=ends)
    assert list(run_queue(project).runs) == ["train-001", "train-002"]
    assert states(project) == ["done", "interrupted", "waiting"]
    (notice,) = [e for e in read_events(project.latest_run("queue")) if isinstance(e, Notice)]
    assert notice.code == "queue.ended_early"
    assert (notice.todo, "train-002" in notice.text) == ("Restart the computer.", True)


class StopsTheOther(JobLink):
    """A link to somebody whose own long training ends only once the queue waits for it."""

    other = None

    def emit(self, event):
        super().emit(event)
        if self.other is not None and event == waits_for(self.other):
            self.other.ask(Request.STOP)


def waits_for(supervisor):
    return QueueMoved(run=supervisor.folder.name, state="running")


class StartsAnotherBesides(StopsTheOther):
    """A link to somebody who starts a training of their own as soon as a queued one has ended."""

    def emit(self, event):
        super().emit(event)
        if isinstance(event, QueueMoved) and event.state == "done" and self.other is None:
            type(self).other = start_long(Project.of_run(self.folder))


def start_long(project):
    """Start a training that goes on until it is asked to stop, and wait until it runs."""
    supervisor = Supervisor(project.new_run("train"))
    supervisor.start(FakeTraining(steps=100_000))
    next(supervisor.follow())
    return supervisor


def test_a_training_started_meanwhile_has_the_card_for_itself(project):
    for _ in range(2):
        add(project)
    assert list(run_queue(project, StartsAnotherBesides).runs) == [
        "train-001", "train-003", "train-002"
    ]  # fmt: skip
    assert moves(project)[2:] == [
        ("train-003", "running"), ("train-003", "stopped"),
        ("train-002", "running"), ("train-002", "done"),
    ]  # fmt: skip
    StartsAnotherBesides.other.wait()


def test_a_child_that_dies_at_birth_does_not_hold_up_the_next(project, monkeypatch):
    dead, sound = add(project), add(project)

    def command(folder):
        module = "this" if folder == dead else "tests.core.jobs.fake_training"
        return [sys.executable, "-m", module, str(folder.root)]

    monkeypatch.setattr(supervisor, "worker_command", command)
    assert run_queue(project).runs == {dead.name: "interrupted", sound.name: "done"}


def follow_to_end(training):
    """Stop a training whose starter is gone."""
    other = Supervisor(training)
    other.attach()
    other.ask(Request.STOP)
    assert list(other.follow())[-1].outcome == "stopped"


def test_a_training_that_runs_already_is_awaited_first(project, monkeypatch):
    monkeypatch.setattr(StopsTheOther, "other", start_long(project))
    add(project)
    assert list(run_queue(project, StopsTheOther).runs) == ["train-001", "train-002"]
    assert moves(project) == [
        ("train-001", "running"), ("train-001", "stopped"),
        ("train-002", "running"), ("train-002", "done"),
    ]  # fmt: skip
    StopsTheOther.other.wait()


def start_queue(project, monkeypatch):
    """The real worker in its own process; return it with its events once a training runs."""
    folder = project.new_run("queue")
    with monkeypatch.context() as patch:
        patch.setattr(
            supervisor,
            "worker_command",
            lambda f: [sys.executable, "-m", "tests.core.queue.fake_queue", str(f.root)],
        )
        keeper = Supervisor(folder)
        keeper.start(QueueParams())
    events = keeper.follow()
    assert any(isinstance(event, QueueMoved) for event in events)
    assert entries.live_queue(project) == folder
    return keeper, events


def test_cancel_leaves_the_training_alone(project, monkeypatch):
    training = add(project, steps=100_000)
    keeper, events = start_queue(project, monkeypatch)
    keeper.ask(Request.CANCEL)
    assert list(events)[-1].outcome == "cancelled"
    assert is_alive(training)
    follow_to_end(training)


def test_the_death_of_the_queue_ends_no_training(project, monkeypatch):
    training = add(project, steps=100_000)
    keeper, events = start_queue(project, monkeypatch)
    os.kill(int(keeper.folder.pid_file.read_text()), signal.SIGKILL)
    assert list(events)[-1].code == "job.killed"
    assert is_alive(training)
    follow_to_end(training)


@pytest.mark.parametrize("kind", ["scan", "export", "queue"])
def test_only_trainings_are_started_from_a_file(project, kind):
    run = add(project)
    write_json(run.job_file, {"kind": kind, "params": {"paths": [], "draft_dir": "/home"}})
    assert run_queue(project).runs == {run.name: "failed"}
    assert not run.log_file.exists()
