"""Other runs that are drawn beside the one that is shown; those that still train grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from PySide6.QtCore import QObject, Signal

from core.events import Event
from core.jobs.supervisor import EventTail
from core.project import Project, RunFolder
from gui.jobs.poller import Look, Poller
from gui.jobs.task_thread import Tasks
from gui.training.view_model import TrainingViewModel

_EVERY_MS = 2000
_MOST_EVENTS = 1000  # taken in the window's thread, a few milliseconds


@dataclass(frozen=True, slots=True)
class _Read:
    """A run as far as it was read."""

    tail: EventTail
    view_model: TrainingViewModel


class ComparedRuns(QObject):
    """Reads the chosen runs beside the window's thread.

    Attributes:
        changed: other runs are chosen, or one of them has more to show.
        failed: a ``UserFacingError``.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chosen: list[str] = []
        self._read: dict[str, _Read] = {}
        self._tasks = Tasks(self)
        self._poller = Poller(self, _EVERY_MS, self._next_look, self._grow, self.failed.emit)
        self.look_now = self._poller.look_now

    @property
    def stories(self) -> dict[str, TrainingViewModel]:
        """The chosen ones that were read, in their order."""
        return {name: self._read[name].view_model for name in self._chosen if name in self._read}

    def choose(self, project: Project, names: Sequence[str]) -> None:
        """Show these runs from now on; what was read of others is kept."""
        before, self._chosen = self._chosen, list(names)
        for name in names:
            if name not in self._read:
                read = partial(_read_all, project.run(name))
                self._tasks.start(name, read, partial(self._keep, name), self.failed.emit)
        self._poller.switch(on=bool(names))
        if self._chosen != before:
            self.changed.emit()

    def forget(self, name: str) -> None:
        """Read a run again when it is next chosen."""
        self._read.pop(name, None)

    def _next_look(self) -> Look | None:
        chosen = [read for name, read in self._read.items() if name in self._chosen]
        return partial(_more, chosen) if chosen else None

    def _keep(self, name: str, read: _Read) -> None:
        self._read[name] = read
        self.changed.emit()

    def _grow(self, told: list[tuple[_Read, list[Event]]]) -> None:
        """Take what is new in this thread, since the stories may be drawn at any moment."""
        for read, events in told:
            for event in events:
                read.view_model.take(event)
        if any(events for _, events in told):
            self.changed.emit()

    def shut_down(self) -> None:
        """Stop looking, and wait for what is being read."""
        self._poller.shut_down()
        self._tasks.shut_down()


def _read_all(run: RunFolder) -> _Read:
    tail, view_model = EventTail(run.events_file), TrainingViewModel()
    for event in tail.read_new():
        view_model.take(event)
    return _Read(tail, view_model)


def _more(reads: list[_Read]) -> list[tuple[_Read, list[Event]]]:
    return [(read, list(islice(read.tail.read_new(), _MOST_EVENTS))) for read in reads]
