"""Looks at the project's queue once a second, beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from core.project import Project
from core.queue.entries import QueueEntry, live_queue, live_training, read_queue, removed
from gui.jobs.task_thread import Tasks

_EVERY_MS = 1000


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue at one moment.

    Attributes:
        live: whether the queue's own job works.
        training: name of the run in progress, queued or not; ``""``: none.
        removed: title of the one that was taken out last and can be put back; ``""``: none.
    """

    entries: tuple[QueueEntry, ...] = ()
    live: bool = False
    training: str = ""
    removed: str = ""


def look(project: Project) -> QueueView:
    """Return the queue as it is now."""
    training, out = live_training(project), removed(project)
    return QueueView(
        read_queue(project),
        live_queue(project) is not None,
        training.name if training else "",
        out.title if out else "",
    )


class QueueWatch(QObject):
    """Tells when something changed.

    Attributes:
        changed: carries the new :class:`QueueView`.
        looked: a look is over; carries what it saw, changed or not.
        view: the newest one.
    """

    changed = Signal(object)
    looked = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.view = QueueView()
        self._project: Project | None = None
        self._tasks = Tasks(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look_now)

    def watch(self, project: Project | None) -> None:
        """Begin with this project; without one, stop."""
        self._project = project
        if project is None:
            self._timer.stop()
        else:
            self._timer.start()
            self.look_now()

    def look_now(self) -> None:
        """Look without waiting for the next second."""
        project = self._project
        if project is not None and not self._tasks.is_running("look"):
            self._tasks.start("look", lambda: look(project), self._seen, lambda _error: None)

    def _seen(self, view: QueueView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
        self.looked.emit(view)

    def shut_down(self) -> None:
        """Stop looking."""
        self._timer.stop()
        self._tasks.shut_down()
