"""Offers to go on with what an earlier session left unfinished."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.project import Project, RunFolder
from gui.task_thread import Tasks
from gui.unfinished import Unfinished, unfinished
from gui.widgets.message_bar import MessageBar


class ResumeOffer(MessageBar):
    """Hidden unless there is something to go on with.

    Attributes:
        resumed: the training shall go on; carries its run folder.
        queue_started: the queue shall go on.
    """

    resumed = Signal(object)
    queue_started = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)

    def look_at(self, project: Project | None) -> None:
        """Look into a project that was just opened; without one, offer nothing."""
        self.hide()
        if project is not None:
            self._tasks.start("look", lambda: unfinished(project), self.offer, _not_now)

    def stands(self) -> bool:
        """Return whether it is shown, or may be as soon as the look is over."""
        return not self.isHidden() or self._tasks.is_running("look")

    def offer(self, found: Unfinished) -> None:
        """Show what was found."""
        run = found.run
        actions = []
        if run is not None:
            actions.append(("Resume", lambda: self._resume(run)))
        if found.queued:
            actions.append(("Start the queue", self._start_queue))
        if actions:
            self.say("neutral", found.sentence, found.kept, actions=tuple(actions))

    def _resume(self, run: RunFolder) -> None:
        self.hide()
        self.resumed.emit(run)

    def _start_queue(self) -> None:
        self.hide()
        self.queue_started.emit()

    def shut_down(self) -> None:
        """Stop looking."""
        self._tasks.shut_down()


def _not_now(_error: UserFacingError) -> None:
    """A folder that cannot be read is told by the page that needs it."""
