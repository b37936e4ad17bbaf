"""The benchmark's short form: its figures are not judged here, only that it goes through."""

from __future__ import annotations

import os
import subprocess
import sys


def test_every_phase_is_measured() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.plot_stalls"]
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [*command, "--steps", "300", "--seconds", "1"],
        capture_output=True, text=True, timeout=240, env=surroundings, check=False,
    )  # fmt: skip
    phases = ("reading the history", "following", "zooming", "other measures", "comparing")
    assert [name for name in phases if f"{name}: longest stall" not in done.stdout] == []
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
