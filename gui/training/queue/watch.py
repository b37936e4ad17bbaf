"""Looks at the project's queue once a second, beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.project import Project
from core.queue.entries import QueueEntry, live_queue, live_training, read_queue, removed
from gui.jobs.poller import Look, Poller

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
        self._poller = Poller(self, _EVERY_MS, self._next_look, self._seen)
        self.look_now, self.shut_down = self._poller.look_now, self._poller.shut_down

    def watch(self, project: Project | None) -> None:
        """Begin with this project; without one, stop."""
        self._project = project
        self._poller.switch(on=project is not None)

    def _next_look(self) -> Look | None:
        return partial(look, self._project) if self._project is not None else None

    def _seen(self, view: QueueView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
        self.looked.emit(view)
