"""The one place where this application starts itself again, as a child that does a job."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_WINDOWS_FLAGS = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW")  # no console to close

# The tests put a quicker way in its place: a process that has loaded everything forks the child.
popen: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen


def start_child(
    command: Sequence[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[Any],
    stderr: int | IO[Any],
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child that outlives the window and the terminal's Ctrl-C.

    Args:
        environment: variables beside those of this process.
    """
    return popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=os.name != "nt",
        creationflags=sum(getattr(subprocess, name, 0) for name in _WINDOWS_FLAGS),
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **(environment or {})},
        cwd=None if getattr(sys, "frozen", False) else _source_root(),
    )


def _source_root() -> str:
    return str(Path(__file__).resolve().parents[2])
