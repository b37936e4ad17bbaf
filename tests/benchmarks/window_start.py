"""How long the window takes from the start of the process until it is shown.

``python -m tests.benchmarks.window_start [REPEATS]`` starts the real window in an empty home, first
once to warm the disk's cache, and prints the median, best and worst time. Without a display it is
drawn off screen.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

TARGET_SECONDS = 1.5
_CODE = """
import os, sys, time
from gui.__main__ import load_fast
load_fast()
import gui.app as start
open_window = start.open_window
def told(app, session):
    window = open_window(app, session)
    while not window.isVisible() or window.windowHandle() is None:
        app.processEvents()
    app.processEvents()
    sys.stdout.write(repr(time.time()))
    sys.stdout.flush()
    os._exit(0)
start.open_window = told
start.run_window(["homelab-tuner"])
"""


def start_once(home: str) -> float:
    """Return seconds from the start of a fresh process to the shown window."""
    environment = {**os.environ, "HOMELAB_TUNER_HOME": home}
    if not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, check=True, env=environment
    )
    return float(done.stdout) - began


def main() -> int:
    """Measure and print; fail when the median misses the target."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as home:
        start_once(home)
        times = [start_once(home) for _ in range(repeats)]
    median = statistics.median(times)
    sys.stdout.write(
        f"window shown after {median:.2f} s (median of {repeats}; best {min(times):.2f}, "
        f"worst {max(times):.2f}; target {TARGET_SECONDS})\n"
    )
    return 0 if median <= TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
