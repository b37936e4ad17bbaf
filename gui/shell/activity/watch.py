"""Looks every two seconds at what is under way beside the run, outside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.events import Transfer
from core.jobs.status import RunState, last_event
from core.project import Project
from core.queue.entries import read_queue
from gui.jobs.poller import Look, Poller

_EVERY_MS = 2000


@dataclass(frozen=True, slots=True)
class Download:
    """A model that is being fetched; ``share`` is what is here already, from 0 to 1."""

    repo: str
    share: float


@dataclass(frozen=True, slots=True)
class Activity:
    """What is under way; ``waiting`` are the runs of the queue that have not begun."""

    downloads: tuple[Download, ...] = ()
    waiting: int = 0


def look(project: Project | None) -> Activity:
    """Return what is under way now."""
    waiting = 0
    if project is not None:
        waiting = sum(entry.state is RunState.WAITING for entry in read_queue(project))
    return Activity(tuple(_downloads()), waiting)


def _downloads() -> list[Download]:
    from core.library.inventory import unfinished  # the window is shown before this is loaded

    found = []
    for one in unfinished():
        if not one.is_running:
            continue
        last, done = last_event(one.run), one.done
        if isinstance(last, Transfer) and last.phase != "checking":
            done = last.done
        found.append(Download(one.repo, min(1.0, done / one.total) if one.total else 0.0))
    return found


class ActivityWatch(QObject):
    """Tells what is under way.

    Attributes:
        changed: carries the new :class:`Activity`.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now = Activity()
        self._project: Project | None = None
        self._poller = Poller(self, _EVERY_MS, self._next_look, self._seen)
        self.look_now, self.shut_down = self._poller.look_now, self._poller.shut_down

    def watch(self, project: Project | None) -> None:
        """Look at this project's queue from now on; downloads belong to none."""
        self._project = project
        self._poller.switch(on=True)

    def _next_look(self) -> Look | None:
        return partial(look, self._project)

    def _seen(self, found: Activity) -> None:
        if found != self.now:
            self.now = found
            self.changed.emit(found)
