"""The check of the machine as you type it."""

import argparse
import json
import subprocess
import sys

import pytest

from core.cli import main
from core.errors import UserFacingError


def test_a_faulty_machine_is_exit_code_1(monkeypatch, capsys):
    from core.commands import installation as doctor
    from core.doctor.check import SelfCheck

    monkeypatch.setattr(doctor, "examine", lambda: [SelfCheck("disk", False, "full", "Free some.")])
    assert main(["doctor"]) == 1
    assert "Free some." in capsys.readouterr().out
    with pytest.raises(UserFacingError) as problem:
        doctor._doctor(argparse.Namespace(json=True))
    assert problem.value.code == "doctor.problems"


def test_the_command_is_installed():
    done = subprocess.run(
        [sys.executable, "-m", "gui", "doctor", "--json"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {c["name"] for c in json.loads(done.stdout)["checks"]} >= {"PyTorch", "4-bit weights"}
