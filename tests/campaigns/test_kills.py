"""Short form of the campaign: 30 real SIGKILLs at random moments of a real small training."""

import json
import subprocess
import sys

import pytest

from core.training.checkpoint import StepFolders
from tests.campaigns import kills


@pytest.mark.slow
def test_thirty_kills_lose_nothing(tmp_path):
    """In a process of its own: forking this one, whose torch has worked, would hang."""
    command = [sys.executable, "-m", "tests.campaigns.kills", "--cases", "30"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 30, failures 0"
    finished = int(done.stdout.split("brought to their end ")[1].split(";")[0])
    assert finished >= 3


def test_a_lost_checkpoint_is_noticed(tmp_path):
    """The campaign itself can fail: an announced checkpoint that is not there is a failure."""
    campaign = kills.Campaign(project=None, params={})
    folder = kills.RunFolder(tmp_path)
    folder.events_file.write_text(json.dumps({"kind": "checkpoint_saved", "step": 3}) + "\n")
    kills.check(campaign, folder)
    assert "newest whole is -1" in campaign.failures[0]
    StepFolders(folder.checkpoints).save(3, lambda path: (path / "a").touch())
    kills.check(campaign, folder)
    assert len(campaign.failures) == 1
