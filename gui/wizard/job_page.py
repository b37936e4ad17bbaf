"""A page with one job, whose progress it shows."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.jobs.job_progress import JobProgress
from gui.jobs.page_job import Followed, PageJob
from gui.wizard.page import Page
from gui.wizard.session import Session


class JobPage(Page):
    """Follows its job, also when the window is built again in another language or look.

    Attributes:
        progress: has its place in the page's layout.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job_about = ""  # what the job works on, for when it has ended
        self.progress = JobProgress()
        self._job = PageJob(self.progress, self, step=getattr(self, "step", None))
        self._job.failed.connect(self.failed)
        self._job.began.connect(self.corrected)

    def is_busy(self) -> bool:
        """Return whether the page's job is running."""
        return self._job.is_running()

    def hand_over(self) -> object | None:
        """Return the job that is under way, and what it works on."""
        followed = self._job.hand_over()
        return (followed, self._job_about) if followed is not None else None

    def take_over(self, matter: object) -> None:
        """Follow that job."""
        match matter:
            case (Followed() as followed, str(about)):
                self._job_about = about
                self._job.take_over(followed)
