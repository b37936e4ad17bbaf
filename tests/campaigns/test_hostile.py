"""Short form of the campaign: each kind of hostile folder once."""

import subprocess
import sys

from core.errors import UserFacingError
from tests.campaigns import hostile


def test_hostile_folders_do_no_harm():
    command = [sys.executable, "-m", "tests.campaigns.hostile", "--cases", "17"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 17, failures 0"


_HARM = """
import pickle, socket, subprocess, sys
from pathlib import Path
from tests.campaigns import hostile
from tests.campaigns.hostile_things import Payload
hostile.trap_process(Path(sys.argv[1]))
pickle.loads(pickle.dumps(Payload("pass")))
try:
    socket.create_connection(("127.0.0.1", 1))
except OSError:
    pass
subprocess.run(["true"])
"""


def test_the_traps_close(tmp_path):
    """The campaign itself can fail: a pickle, a socket and a command are all reported."""
    report = tmp_path / "report"
    subprocess.run([sys.executable, "-c", _HARM, str(report)], check=True)
    told = report.read_text()
    assert all(act in told for act in ("pickle.find_class", "socket.connect", "subprocess.Popen"))


def test_an_opened_secret_is_seen(tmp_path):
    watch = hostile.Watch(tmp_path)
    assert watch.opened() == []
    (tmp_path / "secret").write_text("x")
    if sys.platform == "linux":
        assert watch.opened() == ["secret"]


def test_falling_over_is_harm(tmp_path):
    def refuse(_folder):
        raise UserFacingError("model.pickle", "No.", "Yes.")

    def fall(_folder):
        raise ValueError("x")

    report = tmp_path / "report"
    outcomes = [hostile.judge(use, tmp_path, report) for use in (refuse, fall)]
    assert outcomes == [hostile._HARMLESS, hostile._HARM]
    assert "ValueError" in report.read_text()
