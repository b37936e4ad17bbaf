"""What happens to a run when you log out, where systemd decides that."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_CGROUP = Path("/proc/self/cgroup")
_ANSWER_SECONDS = 2.0


def ends_at_logout() -> bool:
    """Return whether a log-out ends what this program has started, and lingering would keep it.

    So it is with programs that the desktop starts in the user's own systemd manager, which ends
    with the last log-out unless lingering is on. Where nothing is known of that: ``False``.
    """
    return _in_the_users_manager() and _lingering() == "no"


def _in_the_users_manager() -> bool:
    try:
        place = _CGROUP.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return f"/user@{os.getuid()}.service/" in place


def _lingering() -> str:
    """Return ``yes`` or ``no``, ``""`` where nobody answers."""
    command = ["loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value"]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_ANSWER_SECONDS, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
