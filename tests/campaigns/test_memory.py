"""Short form of the campaign: 5 trainings that are short of memory somewhere."""

import subprocess
import sys

import pytest

from tests.campaigns import memory


def test_being_short_of_memory_ends_no_training():
    command = [sys.executable, "-m", "tests.campaigns.memory", "--cases", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 5, failures 0"


@pytest.mark.parametrize("number", range(len(memory.errors())))
def test_every_way_to_say_it_is_understood(number):
    from core.errors import is_out_of_memory

    assert is_out_of_memory(memory.errors()[number]())
