"""Short form of the campaign: 24 crowds that want to work in one run folder."""

import subprocess
import sys

from filelock import FileLock

from core.project import RunFolder
from tests.campaigns import run_locks
from tests.campaigns.forked_runs import Tally, dice
from tests.campaigns.run_locks import judge


def test_one_child_works():
    """In a process of its own: the crowd is forked."""
    command = [sys.executable, "-m", "tests.campaigns.run_locks", "--cases", "24"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 24, failures 0"


def test_two_children_in_one_folder_are_a_failure(tmp_path):
    """The campaign itself can fail."""
    folder, tally = RunFolder(tmp_path), Tally()
    folder.events_file.write_text('{"kind": "started", "job": "count"}\n' * 3)
    judge(tally, folder, "closes")
    assert "one child at a time" in tally.failures[0]


def test_a_lock_that_holds_nobody_off_fails_and_does_not_hang(tmp_path, monkeypatch):
    monkeypatch.setattr(run_locks, "_PATIENCE_SECONDS", 2.0)
    monkeypatch.setattr(FileLock, "acquire", lambda *_arguments, **_options: None)
    tally = Tally()
    run_locks.one_case(tally, tmp_path, dice(0, 0), "closes")
    assert "children work in one folder" in tally.failures[0]


def test_a_child_that_does_not_stop_fails_and_does_not_hang(tmp_path, monkeypatch):
    monkeypatch.setattr(run_locks, "_PATIENCE_SECONDS", 2.0)
    monkeypatch.setattr(run_locks, "_let_leave", lambda *_: None)
    tally = Tally()
    run_locks.one_case(tally, tmp_path, dice(0, 1), "closes")
    assert tally.failures[0].endswith("a child that was to end goes on")
