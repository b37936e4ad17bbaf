"""Real workers, a real bus: without a window a training speaks for itself."""

import subprocess
import sys

import pytest

from core.events import Failed, Finished, StateChanged
from core.jobs.messages import message_about
from core.project import Project
from core.storage.files import write_json

FAILED = ("Training failed", "train-001: It failed. Do something else.")
DONE = ("Training is done", "train-001: The best version is saved.")
TOO_HOT = ("Training is waiting", "train-001: The card is too hot. It continues automatically.")


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "Küche")


def work(project, kind="train", **params):
    """Let a fake training run to its end in a worker's process."""
    run = project.new_run(kind)
    write_json(run.job_file, {"kind": kind, "params": params})
    command = [sys.executable, "-m", "tests.core.jobs.fake_training", str(run.root)]
    subprocess.run(command, timeout=60, check=False, capture_output=True)


@pytest.mark.parametrize(
    ("params", "messages"),
    [
        ({}, [DONE]),
        ({"ends": "failed"}, [FAILED]),
        ({"too_hot": True, "ends": "failed"}, [TOO_HOT, FAILED]),
        ({"ends": "logged out"}, []),
    ],
)
def test_without_a_window_a_training_speaks_for_itself(project, desktop, params, messages):
    work(project, **params)
    assert sorted(desktop) == sorted(messages), "in any order: the desktop is not waited for"


def test_with_a_window_it_is_silent(project, desktop):
    owner = project.lock()
    work(project)
    owner.release()
    assert desktop == []


def test_other_jobs_are_silent(project, desktop):
    work(project, "queue")
    assert desktop == []


def test_outside_a_project_nothing_is_said_and_nothing_fails(tmp_path, desktop):
    folder = tmp_path / "no project" / "runs"
    folder.mkdir(parents=True)
    work(Project(folder.parent))
    assert desktop == []


def test_a_run_without_a_desktop_ends_as_ever(project):
    work(project)
    assert '"outcome":"completed"' in project.run("train-001").events_file.read_text()


def test_a_look_for_an_owner_does_not_make_a_window_a_reader(project, monkeypatch):
    """The window opens the project in the moment in which a worker looks whether it is open."""
    look = project.lock()
    released = []

    def let_go(_seconds):
        if not released:
            look.release()
            released.append(True)

    monkeypatch.setattr("filelock._api.time.sleep", let_go)
    project.lock().release()
    assert released


def test_the_words(project):
    run = project.new_run("train")
    told = [
        message_about(event, run)
        for event in (
            StateChanged(state="paused", reason="You paused it."),
            StateChanged(state="running"),
            Finished(outcome="completed"),
            Failed(code="a", what="It failed.", todo="Do something else."),
        )
    ]
    assert [(message.title, message.text) for message in told] == [
        ("Training is paused", "train-001: You paused it."),
        ("Training continues", ""),
        DONE,
        FAILED,
    ]
