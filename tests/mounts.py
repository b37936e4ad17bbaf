"""Small real file systems: one that fills up, one that may not be written to.

They need the right to mount (root); elsewhere the tests that ask for them are skipped and say so.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest


@contextlib.contextmanager
def tmpfs(folder: Path, options: str):
    """Mount a tmpfs on ``folder`` with ``options`` (``size=4m``)."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "nt" or os.geteuid() or not shutil.which("mount"):
        pytest.skip("mounting a small file system needs root")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MB."""
    with tmpfs(tmp_path / "small disk ü", "size=4m") as folder:
        yield folder


@pytest.fixture
def read_only_disk(tmp_path):
    """A disk that may not be written to."""
    with tmpfs(tmp_path / "read-only disk", "ro,size=1m") as folder:
        yield folder
