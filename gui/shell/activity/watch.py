"""Looks every two seconds at what is under way beside the run, outside the window's thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.errors import UserFacingError
from core.events import Transfer
from core.jobs.status import RunState, last_event
from core.project import Project
from core.queue.entries import live_training, read_queue
from core.settings import load_settings
from gui.jobs.poller import Look, Poller

_EVERY_MS = 2000
_PROJECTS = 5  # looked at for a run, the newest


@dataclass(frozen=True, slots=True)
class Download:
    """A model that is being fetched; ``share`` is what is here already, from 0 to 1."""

    repo: str
    share: float


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A run of another project, which goes on whatever project is open."""

    root: Path
    project: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What is under way; ``waiting`` are the runs of the queue that have not begun."""

    downloads: tuple[Download, ...] = ()
    waiting: int = 0
    elsewhere: tuple[Elsewhere, ...] = ()


def look(project: Project | None) -> Activity:
    """Return what is under way now."""
    waiting = 0
    if project is not None:
        waiting = sum(entry.state is RunState.WAITING for entry in read_queue(project))
    return Activity(tuple(_downloads()), waiting, tuple(_elsewhere(project)))


def _elsewhere(project: Project | None) -> Iterator[Elsewhere]:
    """Yield the other projects of late in which a run trains."""
    here = project.root if project is not None else None
    for path in load_settings().recent[:_PROJECTS]:
        other = Project(Path(path))
        with suppress(OSError, UserFacingError):
            if other.root != here and live_training(other) is not None:
                yield Elsewhere(other.root, other.name)


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
