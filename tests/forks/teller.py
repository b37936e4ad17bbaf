"""A child that tells what it was given, and ends with 5."""

import json
import os
import random
import sys
import time
from pathlib import Path

import psutil


def main() -> int:
    """Tell it, or wait, or fail, as the first argument says."""
    word = sys.argv[1] if sys.argv[1:] else ""
    if word == "wait":
        time.sleep(600)
    if word == "fail":
        raise RuntimeError("a mistake")
    told = {
        "pid": os.getpid(),
        "session": os.getsid(0),
        "group": os.getpgrp(),
        "arguments": sys.argv[1:],
        "command": [part for part in psutil.Process().cmdline() if part],
        "input": sys.stdin.readline(),
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "main": sys.modules["__main__"].__spec__.name,
        "threads": psutil.Process().num_threads(),
        "open": sorted(int(p.name) for p in Path("/proc/self/fd").iterdir() if p.exists()),
        "dice": [random.random(), numbers()],
        "loaded": "torch" in sys.modules,
    }
    sys.stdout.write(json.dumps(told))
    return 5


def numbers() -> float:
    """Return one of numpy's common random numbers."""
    import numpy as np

    return float(np.random.random())


if __name__ == "__main__":
    sys.exit(main())
