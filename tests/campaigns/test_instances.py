"""Short form of the campaign: several instances on one project."""

import subprocess
import sys

from tests.campaigns import instances


def test_ten_cases_have_one_owner_each():
    """In a process of its own, which forks."""
    command = [sys.executable, "-m", "tests.campaigns.instances", "--cases", "10"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "cases 10, failures 0"


class Line:
    """Stands for an instance that answers what it is told to."""

    def __init__(self, answer):
        self.answer = answer

    def send(self, _word):
        pass

    def poll(self, _seconds):
        return True

    def recv(self):
        return self.answer


def test_two_owners_would_be_noticed():
    both = [instances.Instance(n, 0, Line("owns")) for n in range(2)]
    assert instances.the_owner(both, "open") is None
    one = [instances.Instance(n, 0, Line(a)) for n, a in enumerate(["owns", "reads"])]
    assert instances.the_owner(one, "open") is one[0]
    nobody = [instances.Instance(n, 0, Line("reads")) for n in range(2)]
    assert instances.the_owner(nobody, "open") is None
