"""A job of a page with its progress: start or follow it, show how far it is, hand on its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.contract import JobParams
from core.events import Failed, Finished, Progress
from core.jobs.link import Request
from core.jobs.spec import no_result
from core.project import RunFolder
from core.wizard import Step
from gui.jobs.job_progress import JobProgress
from gui.jobs.job_thread import JobThread
from gui.jobs.under_way import Work, under_way


@dataclass(frozen=True, slots=True)
class Followed:
    """A job that is under way, and what its progress is called before it reports any."""

    folder: RunFolder
    phase: str


class PageJob(QObject):
    """At most one job at a time.

    Args:
        step: of the page, where the side of the window shall tell of the job.

    Attributes:
        changed: the job began or ended.
        began: a job is under way; what an earlier one failed with is past.
        completed: the job's result, a :class:`core.contract.JobResult`, when it was not stopped.
        failed: a ``UserFacingError``.
    """

    changed = Signal()
    began = Signal()
    completed = Signal(object)
    failed = Signal(object)

    def __init__(self, progress: JobProgress, parent: QObject, *, step: Step | None = None) -> None:
        super().__init__(parent)
        self._progress, self._step = progress, step
        self._thread: JobThread | None = None
        self._followed: Followed | None = None
        progress.cancelled.connect(self.cancel)

    def is_running(self) -> bool:
        """Return whether a job is being followed."""
        return self._thread is not None

    def run(self, folder: RunFolder, phase: str, params: JobParams[Any] | None = None) -> None:
        """Start the job, or follow the one in ``folder`` without ``params``."""
        self.let_go()
        self._followed = Followed(folder, phase)
        self._thread = JobThread(folder, params, parent=self)
        self._thread.event.connect(self._take)
        self._thread.ended.connect(self._ended)
        self._progress.begin(phase)
        self._tell(phase)
        self._thread.start()
        self.began.emit()
        self.changed.emit()

    def hand_over(self) -> Followed | None:
        """Stop following a job that is under way and return it, for the same page built again."""
        followed = self._followed if self.is_running() else None
        self.let_go()
        return followed

    def take_over(self, followed: Followed) -> None:
        """Follow what another one handed over."""
        self.run(followed.folder, followed.phase)

    def _take(self, event: object) -> None:
        if isinstance(event, Progress):
            self._progress.update_from(event)
            self._tell(event.phase, event.share())

    def _tell(self, phase: str, share: float | None = None) -> None:
        if self._step is not None:
            under_way().tell(Work(self._step, phase.rstrip(" …"), share))

    def _ended(self, last: Finished | Failed) -> None:
        self.let_go()
        if isinstance(last, Failed):
            self.failed.emit(last.as_error())
        elif last.outcome == "completed" and last.result is None:
            self.failed.emit(no_result())
        elif last.outcome == "completed":
            self.completed.emit(last.result)
        self.changed.emit()

    def cancel(self) -> None:
        """Ask the job to end; nothing of it is kept."""
        if self._thread is not None:
            self._thread.ask(Request.CANCEL)

    def let_go(self) -> None:
        """Stop following; the job itself continues."""
        self._progress.end()
        if self._step is not None:
            under_way().forget(self._step)
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None
