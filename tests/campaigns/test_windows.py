"""Short form of the campaign: the window goes in each of its four ways."""

import subprocess
import sys

import pytest

from core.events import Started, to_line
from tests.campaigns import windows


@pytest.mark.slow
def test_the_window_may_go_in_every_way():
    """In a process of its own: it forks, and this one has a QApplication already."""
    command = [sys.executable, "-m", "tests.campaigns.windows", "--cases", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "cases 4, failures 0"


def test_what_is_left_unfinished_is_noticed(tmp_path):
    run = windows.prepare(tmp_path / "p")
    assert not windows.ended(run, stopped=False, within=0.1)
    run.events_file.write_text(to_line(Started(job="train")))
    assert not windows.ended(run, stopped=True, within=0.1)
