"""Short form of the soak: one tiny training with two faults."""

import subprocess
import sys

import pynvml
import pytest

from core.project import RunFolder
from tests.campaigns import soak
from tests.campaigns.forked_runs import Tally


@pytest.mark.slow
def test_a_training_survives_its_faults():
    command = [sys.executable, "-m", "tests.campaigns.soak", "--tiny"]
    options = ["--minutes", "0.2", "--every", "2", "--cases", "2", "--steps", "20"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith("failures 0")
    assert "trainings, undisturbed" in done.stdout


def test_another_end_is_a_failure(tmp_path):
    """The campaign itself can fail."""
    folder, tally = RunFolder(tmp_path), Tally()
    folder.events_file.write_text('{"kind": "finished", "outcome": "stopped"}\n')
    config = soak._TINY
    asked = soak.Soak(None, {}, config, None, None, expected=b"adapter", rows={1: (0,)})
    soak.judge(tally, asked, folder)
    assert [words in failure for words, failure in zip(
        ("adapter differs", "curve is not whole", "it ended as"), tally.failures, strict=True
    )] == [True] * 3  # fmt: skip


def test_the_library_errs_on_demand(tmp_path):
    from tests.campaigns.soak_child import FAULT, FaultyOnDemand

    library = FaultyOnDemand(tmp_path / FAULT)
    assert library.nvmlDeviceGetCount() == 1
    (tmp_path / FAULT).touch()
    with pytest.raises(pynvml.NVMLError):
        library.nvmlDeviceGetCount()
