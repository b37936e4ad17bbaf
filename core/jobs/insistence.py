"""Ending a child that does not obey a cancel: nothing of its work would be kept anyway."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from core.events import Finished
from core.jobs.link import JobLink, worker_of
from core.project import RunFolder

if TYPE_CHECKING:
    import psutil

PATIENCE_SECONDS = 10.0


def end_with_helpers(worker: psutil.Process) -> None:
    """End a process and all that it started."""
    import psutil

    with suppress(psutil.Error):
        tree = [*worker.children(recursive=True), worker]
        for process in tree:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(tree, timeout=PATIENCE_SECONDS)


class Insistence:
    """Remembers when a job was asked to cancel, and ends its processes if that did not help.

    Attributes:
        ended: its processes were ended.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._since: float | None = None
        self.ended = False

    def cancel_asked(self, wanted: bool) -> None:
        """The job was asked to cancel, or (not ``wanted``) to do something else."""
        self._since = time.monotonic() if wanted else None

    def look(self) -> None:
        """End the job if it has ignored a cancel for too long."""
        if self._since is None or time.monotonic() - self._since < PATIENCE_SECONDS:
            return
        self._since = None
        self.ended = self._end()

    def _end(self) -> bool:
        worker = self._worker()
        if worker is None:
            return False
        end_with_helpers(worker)
        return True

    def _worker(self) -> psutil.Process | None:
        """Return the worker; its number counts only while it names this very folder."""
        import psutil

        try:
            process = psutil.Process(int(worker_of(self._folder)))
            mine = str(self._folder.root) in process.cmdline()
        except (ValueError, OverflowError, psutil.Error):
            return None
        return process if mine else None

    def tell(self) -> Finished:
        """Write down and return the last event of a job that was ended."""
        last = Finished(outcome="cancelled")
        with JobLink(self._folder) as link:
            link.emit(last)
        return last
