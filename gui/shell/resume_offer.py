"""Offers to resume what an earlier session left unfinished."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.language import _
from core.project import Project, RunFolder
from gui.jobs.task_thread import Tasks
from gui.kit.message_bar import MessageBar
from gui.wizard.unfinished import Unfinished, unfinished


class ResumeOffer(MessageBar):
    """Hidden unless there is something to resume.

    Attributes:
        resumed: the run is to be resumed; carries its run folder.
        queue_started: the queue is to be started.
        found: something was found.
        unfinished: what was found; ``None`` when nothing is offered.
    """

    resumed = Signal(object)
    queue_started = Signal()
    found = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)
        self.unfinished: Unfinished | None = None
        self._dismiss.clicked.connect(self.withdraw)

    def look_at(self, project: Project | None) -> None:
        """Look into a project that was just opened; without one, offer nothing."""
        self.withdraw()
        if project is not None:
            self._tasks.start("look", lambda: unfinished(project), self.offer, _not_now)

    def stands(self) -> bool:
        """Return whether it is shown, or may be as soon as the look is over."""
        return self.unfinished is not None or self._tasks.is_running("look")

    def offer(self, found: Unfinished) -> None:
        """Show what was found."""
        run = found.run
        actions: list[tuple[str, Callable[[], None]]] = []
        if run is not None:
            actions.append((_("Resume"), lambda: self._resume(run)))
        if found.queued:
            actions.append((_("Start the queue"), self._start_queue))
        if actions:
            self.unfinished = found
            self.say("neutral", found.sentence, found.kept, actions=tuple(actions))
            self.found.emit()

    def withdraw(self) -> None:
        """Stop offering anything."""
        self.unfinished = None
        self.hide()

    def show_beside(self, *, said_there: bool) -> None:
        """Stand above a page, unless the page itself says the same (``said_there``)."""
        self.setVisible(self.unfinished is not None and not said_there)

    def _resume(self, run: RunFolder) -> None:
        self.withdraw()
        self.resumed.emit(run)

    def _start_queue(self) -> None:
        self.withdraw()
        self.queue_started.emit()

    def shut_down(self) -> None:
        """Stop looking."""
        self._tasks.shut_down()


def _not_now(_error: UserFacingError) -> None:
    """A folder that cannot be read is reported by the page that needs it."""
