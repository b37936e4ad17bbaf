import os
import signal
import sys

import pytest

from core.jobs import queue, queue_job, supervisor
from core.jobs.events import Notice, QueueMoved
from core.jobs.link import JobLink, Request
from core.jobs.supervisor import Supervisor, is_alive, read_events
from core.project import Project
from tests.core.jobs.queues import add, states


@pytest.fixture
def project(tmp_path, monkeypatch):
    def command(folder):
        return [sys.executable, "-m", "tests.core.jobs.fake_training", str(folder.root)]

    monkeypatch.setattr(supervisor, "worker_command", command)
    monkeypatch.setattr(queue_job, "_POLL_SECONDS", 0.02)
    return Project.create(tmp_path / "Projekt ü 漢字")


def run_queue(project, link_type=JobLink):
    folder = project.new_run("queue")
    with link_type(folder) as link:
        return queue_job.run_queue(folder, {}, link)


def moves(project):
    events = read_events(project.latest_run("queue"))
    return [(e.run, e.state) for e in events if isinstance(e, QueueMoved)]


def test_all_run_in_order_and_no_failure_stops_the_next(project):
    for ends in ("done", "failed", "killed", "done"):
        add(project, ends=ends)
    assert run_queue(project)["runs"] == {
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
    assert run_queue(project)["runs"] == {broken.name: "failed", sound.name: "done"}
    events = read_events(project.latest_run("queue"))
    assert [e.code for e in events if isinstance(e, Notice)] == ["queue.not_started"]


class StopsAfterTheFirst(JobLink):
    """A link to somebody who asks to stop as soon as the first training runs."""

    def emit(self, event):
        super().emit(event)
        if isinstance(event, QueueMoved):
            Supervisor(self.folder).ask(Request.STOP)


def follow_to_end(training):
    """Stop a training whose starter is gone."""
    other = Supervisor(training)
    other.attach()
    other.ask(Request.STOP)
    assert list(other.follow())[-1].outcome == "stopped"


def test_a_training_that_runs_already_is_awaited_first(project):
    direct = project.new_run("train")
    starter = Supervisor(direct)
    starter.start("train", {"steps": 30})
    next(starter.follow())
    add(project)
    assert list(run_queue(project)["runs"]) == ["train-001", "train-002"]
    assert moves(project)[0] == ("train-001", "running")
    starter.wait()


def start_queue(project, monkeypatch):
    """The real worker in its own process; return it with its events once a training runs."""
    folder = project.new_run("queue")
    with monkeypatch.context() as patch:
        patch.setattr(
            supervisor,
            "worker_command",
            lambda f: [sys.executable, "-m", "tests.core.jobs.fake_queue", str(f.root)],
        )
        keeper = Supervisor(folder)
        keeper.start("queue", {})
    events = keeper.follow()
    assert any(isinstance(event, QueueMoved) for event in events)
    assert queue.live_queue(project) == folder
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
