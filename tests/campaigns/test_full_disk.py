"""Short form of the campaign: 8 trainings on a disk that refuses, some that is really full."""

import errno
import os
import subprocess
import sys

import pytest

from core.project import RunFolder
from tests.campaigns import full_disk
from tests.campaigns.forked_runs import ForkedRuns, Tally


def test_a_refusing_disk_costs_nothing():
    command = [sys.executable, "-m", "tests.campaigns.full_disk", "--cases", "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 8, failures 0"


def test_the_nth_operation_fails(tmp_path):
    fault = full_disk.Fault(2, 3, errno.ENOSPC, tmp_path)
    seen = []
    for _ in range(6):
        try:
            fault.check()
            seen.append("ok")
        except OSError as error:
            seen.append(os.strerror(error.errno))
    assert seen == ["ok", "ok", *[os.strerror(errno.ENOSPC)] * 2, "ok", "ok"]


@pytest.mark.parametrize("end", ["", '{"kind": "finished", "outcome": "completed"}\n'])
def test_a_lost_training_is_a_failure(tmp_path, end):
    """The campaign itself can fail."""
    folder = RunFolder(tmp_path)
    folder.events_file.write_text(end)
    tally = Tally()
    full_disk.judge(tally, ForkedRuns(None, {}, full_disk._CONFIG, expected=b"x"), folder, "case")
    assert len(tally.failures) == 1


NOTICE = (
    '{"kind": "notice", "level": "problem", "code": "disk.full", "text": "Full.", "todo": "TODO"}\n'
)
STATES = (
    '{"kind": "state_changed", "state": "paused"}\n{"kind": "state_changed", "state": "running"}\n'
)


@pytest.mark.parametrize(
    ("struck", "events", "expected"),
    [
        ("saving", "", "nothing was said"),
        ("saving", NOTICE.replace("TODO", ""), "nothing was said"),
        ("saving", NOTICE.replace("disk.full", "disk.error"), "nothing was said"),
        ("saving", NOTICE.replace("TODO", "Free at least 2 GB."), "told to wait"),
        ("saving", NOTICE + STATES, "how much to free"),
        ("saving", NOTICE.replace("TODO", "Free at least 2 GB.") + STATES, ""),
        ("telling", "", ""),
        ("other", "", "without a word"),
        ("", "", ""),
    ],
)
def test_silence_about_a_refusing_disk_is_a_failure(tmp_path, struck, events, expected):
    """The campaign itself can fail."""
    folder, diary = RunFolder(tmp_path), tmp_path / "diary"
    diary.write_text(f"{struck}\n")
    folder.events_file.write_text(events)
    said = full_disk.what_was_not_said(diary, folder, "disk.full", 0)
    assert expected in said
    assert bool(said) is bool(expected)
