import os
import runpy
import subprocess
import sys

import pytest
from filelock import FileLock

from core.errors import UserFacingError
from core.events import Failed, Finished, Started
from core.jobs import worker
from core.jobs.spec import QueueResult, read_spec
from core.jobs.supervisor import read_events
from core.storage.files import write_json


def test_every_job_names_a_function_that_exists():
    for kind in worker.JOBS:
        module, _, name = worker.JOBS[kind].partition(":")
        assert module.startswith("core.")
        assert name.startswith("run_")


@pytest.mark.parametrize("chosen", [None, "FASTEST_FIRST"])
def test_cards_are_numbered_as_the_planner_does_unless_the_person_says_otherwise(
    monkeypatch, chosen
):
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    if chosen:
        monkeypatch.setenv("CUDA_DEVICE_ORDER", chosen)
    worker.quiet_environment()
    assert os.environ["CUDA_DEVICE_ORDER"] == (chosen or "PCI_BUS_ID")


@pytest.mark.parametrize("kind", ["dance", None, 7, ["train"]])
def test_an_unknown_kind_is_refused(folder, kind):
    write_json(folder.job_file, {"kind": kind, "params": {}})
    with pytest.raises(UserFacingError) as refusal:
        read_spec(folder)
    assert refusal.value.code == "job.unknown"


def test_a_held_lock_ends_the_second_child(folder):
    write_json(folder.job_file, {"kind": "train", "params": {}})
    with FileLock(folder.lock_file):
        command = [sys.executable, "-m", "core.jobs.worker", str(folder.root)]
        done = subprocess.run(command, timeout=60, check=False)
    assert done.returncode == worker.ALREADY_RUNNING
    assert not folder.events_file.exists()


def test_a_missing_job_file_is_said(folder):
    command = [sys.executable, "-m", "core.jobs.worker", str(folder.root)]
    assert subprocess.run(command, timeout=60, check=False, capture_output=True).returncode == 1
    (only,) = read_events(folder)
    assert isinstance(only, Failed)
    assert only.code == "file.missing"


class PanicException(BaseException):
    """What libraries written in Rust raise; Python has no public name for it."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "job.out_of_memory"),
        (RuntimeError("CUDA error: out of memory"), "job.out_of_memory"),
        (RuntimeError("CUDA error: device-side assert triggered"), "card.error"),
        (RuntimeError("x"), "job.bug"),
        (PanicException("a library's own mistake"), "job.bug"),
    ],
)
def test_failures_are_told_apart(folder, monkeypatch, error, code):
    def failing(_folder, _params, _link):
        raise error

    monkeypatch.setattr(worker, "load_job", lambda _kind: failing)
    write_json(folder.job_file, {"kind": "queue", "params": {}})
    with worker.JobLink(folder) as link:
        end = worker.run_job(folder, link)
    assert isinstance(end, Failed)
    assert end.code == code


def test_a_stop_gives_its_result(folder, monkeypatch):
    def stopping(_folder, _params, _link):
        raise worker.Stopped(QueueResult(runs={"a": "done"}))

    monkeypatch.setattr(worker, "load_job", lambda _kind: stopping)
    write_json(folder.job_file, {"kind": "queue", "params": {}})
    with worker.JobLink(folder) as link:
        end = worker.run_job(folder, link)
    assert end == Finished(outcome="stopped", result=QueueResult(runs={"a": "done"}))
    assert isinstance(read_events(folder)[0], Started)


def test_the_command_runs_the_module_that_jobs_import(monkeypatch):
    """Run as a command, this module exists twice; a job raises the ``Stopped`` of the imported."""
    monkeypatch.setattr(worker, "main", lambda arguments: len(arguments) + 40)
    monkeypatch.setattr(sys, "argv", ["worker", "one", "two"])
    with pytest.warns(RuntimeWarning), pytest.raises(SystemExit) as end:
        runpy.run_module("core.jobs.worker", run_name="__main__")
    assert end.value.code == 42


def test_an_interrupt_is_passed_on(folder, monkeypatch):
    def interrupted(_folder, _params, _link):
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "load_job", lambda _kind: interrupted)
    write_json(folder.job_file, {"kind": "queue", "params": {}})
    with worker.JobLink(folder) as link, pytest.raises(KeyboardInterrupt):
        worker.run_job(folder, link)
