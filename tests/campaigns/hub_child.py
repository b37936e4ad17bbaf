"""The worker of one job of the campaign ``hub``, forked from a process that has imported it all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.jobs import worker
from core.models.hub import download


def child(folder: str, home: str, unchecked: bool) -> None:
    """Be the worker of the job in ``folder``.

    Args:
        unchecked: the disk looks empty, as when another program fills it after the look.
    """
    os.environ["HOMELAB_TUNER_HOME"] = home
    log = os.open(Path(folder) / "log.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if unchecked:
        download.disk_free = lambda _: None
    sys.exit(worker.main([folder]))
