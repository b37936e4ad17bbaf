"""Short form of the campaign: 12 real SIGKILLs, half of them aimed inside a save."""

import json
import random
import subprocess
import sys

from core.training.checkpoints.checkpoint import StepFolders
from tests.campaigns import kills
from tests.campaigns.forked_runs import Tally


def test_kills_lose_nothing():
    """In a process of its own: forking this one, whose torch has worked, would hang."""
    command = [sys.executable, "-m", "tests.campaigns.kills", "--cases", "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 12, failures 0"
    assert int(done.stdout.split("brought to their end ")[1].split(";")[0]) >= 1
    assert int(done.stdout.split("killed inside a save ")[1].split("\n")[0]) >= 1


def test_a_lost_checkpoint_is_noticed(tmp_path):
    """The campaign itself can fail: an announced checkpoint that is not there is a failure."""
    tally = Tally()
    folder = kills.RunFolder(tmp_path)
    folder.events_file.write_text(json.dumps({"kind": "checkpoint_saved", "step": 3}) + "\n")
    kills.check(tally, folder)
    assert "newest whole is -1" in tally.failures[0]
    StepFolders(folder.checkpoints).save(3, lambda path: (path / "a").touch())
    kills.check(tally, folder)
    assert len(tally.failures) == 1


def test_another_adapter_at_the_end_is_noticed(tmp_path):
    tally = Tally()
    folder = kills.RunFolder(tmp_path)
    knife = kills.Knife(tally, random.Random(0))
    knife.finish(folder, b"")
    folder.events_file.write_text('{"kind": "finished", "outcome": "completed"}\n')
    knife.finish(folder, b"another")
    assert ["did not finish" in tally.failures[0], "differs" in tally.failures[1]] == [True, True]
