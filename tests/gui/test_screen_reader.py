"""The window by a screen reader alone, see ``screen_reader_ways``; each in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gui.screen_reader import why_not

WAYS = Path(__file__).with_name("screen_reader_ways.py")
NAMES = re.findall(r"^def (test_\w+)", WAYS.read_text(encoding="utf-8"), re.M)

pytestmark = [
    pytest.mark.sample,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=f"no accessible desktop here: {why_not()}"),
]


def test_there_are_ways() -> None:
    assert len(NAMES) == 3


@pytest.mark.parametrize("name", NAMES)
def test_by_names_and_actions_alone(name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{WAYS}::{name}"]
    environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=1200
    )
    assert done.returncode == 0, done.stdout[-6000:]
