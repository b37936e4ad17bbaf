"""A job that a dialog follows: it may be asked to stop, and outlives whoever follows it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from core.contract import JobParams
from core.jobs.link import Request
from core.project import RunFolder
from gui.jobs.job_thread import JobThread


class FollowedJob(QObject):
    """One job at a time.

    Attributes:
        event: what the job tells.
        ended: its last word, after which it is followed no more.
    """

    event = Signal(object)  # type: ignore[assignment]  # QObject's own method is Qt's business
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: JobThread | None = None

    def is_running(self) -> bool:
        """Return whether a job is followed."""
        return self._thread is not None

    def follow(self, folder: RunFolder, params: JobParams[Any] | None) -> None:
        """Start a job, or follow the one that runs in its folder where ``params`` are missing."""
        self._thread = JobThread(folder, params, parent=self)
        self._thread.event.connect(self.event)
        self._thread.ended.connect(self._end)
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Ask the job for something."""
        if self._thread is not None:
            self._thread.ask(request)

    def _end(self, last: object) -> None:
        self.let_go()
        self.ended.emit(last)

    def let_go(self) -> None:
        """Follow it no more; the job itself continues."""
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None
