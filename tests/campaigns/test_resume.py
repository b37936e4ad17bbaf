"""Short form of the campaign: a training of 6 steps, stopped and resumed at each."""

import json
import subprocess
import sys

from core.project import RunFolder
from tests.campaigns import resume
from tests.campaigns.forked_runs import Tally


def test_every_state_is_that_of_the_undisturbed_run():
    command = [sys.executable, "-m", "tests.campaigns.resume", "--cases", "6", "--steps", "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 6, failures 0"


def test_a_different_state_is_noticed(tmp_path):
    """The campaign itself can fail."""
    folders = [RunFolder(tmp_path / name) for name in ("one", "two")]
    for number, folder in enumerate(folders):
        folder.root.mkdir()
        line = json.dumps([1, {"adapter.safetensors": str(number), "random.safetensors": "r"}])
        (folder.root / resume._STATES).write_text(line + "\n")
    tally = Tally()
    resume.compare(tally, *folders, step=1, code=0)
    assert "adapter.safetensors differ" in tally.failures[0]
    resume.compare(tally, *folders, step=2, code=0)
    assert "the session ended" in tally.failures[1]
