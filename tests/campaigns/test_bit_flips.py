"""Short form of the campaign: 300 damages of a real checkpoint."""

import random
import subprocess
import sys

import pytest

from core.training.checkpoints.checkpoint import StepFolders
from tests.campaigns import bit_flips
from tests.campaigns.forked_runs import Tally


def test_every_damage_is_found():
    command = [sys.executable, "-m", "tests.campaigns.bit_flips", "--cases", "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 300, failures 0"


@pytest.mark.parametrize("kind", bit_flips.KINDS)
def test_damage_that_is_not_found_is_a_failure(kind, tmp_path, monkeypatch):
    """The campaign itself can fail."""
    folders = StepFolders(tmp_path)
    for step in (1, 2):
        folders.save(step, lambda path: (path / "a").write_text("content") and None)
    monkeypatch.setattr(bit_flips, "verify_folder", lambda _folder: None)
    tally = Tally()
    bit_flips.one_case(tally, folders, kind, random.Random(1))
    assert any("not found" in failure for failure in tally.failures)
    assert [step for step, _ in folders.newest_whole()] == [2, 1], "everything is put back"
