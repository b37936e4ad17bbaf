"""A page that follows one run and draws what it tells."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.events import Failed, Finished
from core.jobs.link import Request
from core.jobs.spec import training_params
from core.project import RunFolder
from gui.jobs.job_thread import JobThread
from gui.training.suggested_action import suggested_action_for
from gui.training.view import TrainingView
from gui.training.view_model import TrainingViewModel
from gui.wizard.page import Page
from gui.wizard.session import Session

_REDRAW_MS = 300


class FollowingPage(Page):
    """Asks the run to pause, to resume and to stop, and draws a few times a second at most.

    Attributes:
        run: what is shown; with a queue not always the run of the later steps.
        view_model: what is known of it.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.view_model = TrainingViewModel()
        self.run: RunFolder | None = None
        self._thread: JobThread | None = None
        self._asked: Request | None = None
        self.view = TrainingView()
        self.view.pause.clicked.connect(self._pause_or_resume)
        self.view.stop.clicked.connect(lambda: self._ask(Request.STOP))
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)

    def is_busy(self) -> bool:
        """Return whether the run is followed right now."""
        return self._thread is not None

    def _can_start(self) -> bool:
        """Say why not, if not."""
        try:
            return self.run is not None and training_params(self.run) is not None
        except UserFacingError as error:
            self.failed.emit(error)
            return False

    def _follow(self, *, start: bool) -> None:
        if self.run is None:
            return
        self._asked = None
        self._thread = JobThread(self.run, parent=self, take_up=start)
        self._thread.event.connect(self._take)
        self._thread.ended.connect(self._ended)
        self._thread.start()
        self.corrected.emit()
        self.changed.emit()

    def _take(self, event: object) -> None:
        self.view_model.take(event)  # type: ignore[arg-type]
        if not self._redraw.isActive():
            self._redraw.start()

    @abstractmethod
    def _ended(self, last: Finished | Failed) -> None:
        """The run has ended, or is not followed any more."""

    def _drop(self) -> None:
        self._asked = None
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None

    def _ask(self, request: Request) -> None:
        if self._thread is not None:
            self._asked = request
            self._thread.ask(request)
            self.draw()

    def _pause_or_resume(self) -> None:
        if self._asked is Request.PAUSE and self.view_model.state != "paused":
            return  # it was asked for already
        if self.view_model.state == "paused":
            self._ask(Request.RUN)
        else:
            self._ask(Request.PAUSE)

    def draw(self) -> None:
        """Show the run as it is now; a hidden window waits until it is shown."""
        if not self.isVisible():
            return
        running, read_only = self.is_busy(), self.session.read_only
        suggested_action = None
        if self.run is not None and not read_only and self._asked is not Request.STOP:
            suggested_action = suggested_action_for(self.view_model, self.run)
        self.view.show_story(
            self.view_model,
            self.session.settings,
            running=running,
            suggested_action=suggested_action,
        )
        self.view.show_buttons(self.view_model, self._asked, running=running, read_only=read_only)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while the page was hidden."""
        super().showEvent(event)
        self.draw()
