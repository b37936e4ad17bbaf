"""Runs that are trained one after the other: which, in what order, and how long they take.

``queue.json`` holds only the order and the forecasts. Every entry is a run folder that was made
ready exactly as a single training is; what became of it is read from that folder, so that list and
truth cannot differ. What edits the list or takes its next run holds the queue's lock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.bin import binned_run, bring_back, put_in_bin
from core.errors import UserFacingError
from core.events import TrainStep
from core.hardware.system.energy import Range, added
from core.jobs.status import RunState, has_ended, is_running, recent_events, state_of
from core.jobs.supervisor import is_alive
from core.language import _
from core.project import Project, RunFolder
from core.storage.files import explained_io, read_json, write_json
from core.storage.names import Name
from core.storage.recorded import Recorded

_LOCK_SECONDS = 5.0
_STEPS_OF_REST = 30  # seconds; a look every second need not redraw every second
_UNKNOWN = (0.0, 0.0), None
_DAY = 86_400.0
_MOST_ITEMS = 500
_LONGEST_TITLE = 300
_LIMIT = 1 << 20  # bytes

Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


def _cut_title(title: str) -> str:
    """A sentence of our own is short; what was edited by hand may be anything."""
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE]


class QueueItem(BaseModel):
    """One run of the queue.

    Attributes:
        run: name of its run folder.
        title: what makes it special (``"Balanced · Seed 3"``), told in the present language.
        seconds: forecast of its wall time, from and to.
        joules: forecast of its energy; ``None`` where the power cannot be known.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: Name
    title: Annotated[Recorded, AfterValidator(_cut_title)]
    seconds: tuple[Amount, Amount]
    joules: tuple[Amount, Amount] | None = None


_ITEMS = TypeAdapter(Annotated[list[QueueItem], Field(max_length=_MOST_ITEMS)])


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """An item with what became of it.

    Attributes:
        left: seconds that the run says are left; ``None`` unless it is running and knows.
    """

    item: QueueItem
    state: RunState
    left: float | None = None

    @property
    def to_come(self) -> QueueItem:
        """The item with the forecast of what is still to come of it."""
        high = self.item.seconds[1]
        if self.left is None or high <= 0:
            return self.item
        joules = self.item.joules
        rest = (joules[0] * self.left / high, joules[1] * self.left / high) if joules else None
        return self.item.model_copy(update={"seconds": (self.left, self.left), "joules": rest})


@dataclass(frozen=True, slots=True)
class Total:
    """What several runs take together; ``joules`` only if it is known of each."""

    count: int
    seconds: Range
    joules: Range | None


@contextmanager
def _locked(project: Project) -> Iterator[None]:
    lock = FileLock(project.queue_lock)
    with explained_io(project.queue_lock):
        try:
            lock.acquire(timeout=_LOCK_SECONDS)
        except Timeout:  # an OSError too
            raise UserFacingError(
                "queue.busy",
                _("Another program is changing the queue right now."),
                _("Try again in a moment."),
            ) from None
    try:
        yield
    finally:
        lock.release()


def load_queue(project: Project) -> tuple[QueueItem, ...]:
    """Return the items in their order, without those whose run folder is gone.

    A damaged file gives an empty queue and is kept beside as ``queue.damaged.json``.
    """
    if not project.queue_file.exists():
        return ()
    try:
        items = _ITEMS.validate_python(read_json(project.queue_file, _LIMIT))
    except (UserFacingError, ValidationError):
        with explained_io(project.queue_file):
            project.queue_file.replace(project.queue_file.with_name("queue.damaged.json"))
        return ()
    return tuple(item for item in items if project.has_run(item.run))


def waits(project: Project, run: RunFolder) -> bool:
    """Return whether a run is in the queue and has not begun."""
    queued = any(item.run == run.name for item in load_queue(project))
    return queued and not run.events_file.exists()


def _save(project: Project, items: Sequence[QueueItem]) -> None:
    write_json(project.queue_file, [item.model_dump(mode="json") for item in items])


def read_queue(project: Project) -> tuple[QueueEntry, ...]:
    """Return the items with what became of each."""
    return tuple(_entry(project.run(item.run), item) for item in load_queue(project))


def _entry(run: RunFolder, item: QueueItem) -> QueueEntry:
    state = state_of(run)
    if state is not RunState.RUNNING:
        return QueueEntry(item, state)
    steps = [event for event in recent_events(run) if isinstance(event, TrainStep)]
    left = steps[-1].seconds_left if steps else None
    return QueueEntry(
        item, state, None if left is None else _STEPS_OF_REST * round(left / _STEPS_OF_REST)
    )


def add(project: Project, run: RunFolder, title: str, seconds: Range, joules: Range | None) -> None:
    """Append a run whose folder holds its config and its job, not started yet."""
    energy = (joules.low, joules.high) if joules else None
    item = QueueItem(run=run.name, title=title, seconds=(seconds.low, seconds.high), joules=energy)
    with _locked(project):
        _save(project, [*load_queue(project), item])


def add_after(project: Project, before: str, run: RunFolder, title: str) -> None:
    """Let ``run`` come next after the run ``before``, of which it is another try.

    Its forecast is that of ``before``, if that stands in the queue.
    """
    with _locked(project):
        items = list(load_queue(project))
        place = next((n for n, item in enumerate(items) if item.run == before), -1)
        seconds, joules = (items[place].seconds, items[place].joules) if place >= 0 else _UNKNOWN
        item = QueueItem(run=run.name, title=title, seconds=seconds, joules=joules)
        _save(project, [*items[: place + 1], item, *items[place + 1 :]])


def move(project: Project, name: str, by: int) -> None:
    """Let a waiting run change places with the waiting one before (-1) or after it (1)."""
    with _locked(project):
        items = list(load_queue(project))
        waiting = [place for place, item in enumerate(items) if _waits(project, item)]
        here = next((n for n, place in enumerate(waiting) if items[place].run == name), None)
        if here is None or not 0 <= here + by < len(waiting):
            return
        one, other = waiting[here], waiting[here + by]
        items[one], items[other] = items[other], items[one]
        _save(project, items)


def remove(project: Project, name: str) -> None:
    """Take a run out, so that :func:`put_back` can undo it.

    One that never began goes to the bin; the run of another stays.

    Raises:
        UserFacingError: it is running.
    """
    with _locked(project):
        items = load_queue(project)
        if not any(item.run == name for item in items):
            return
        run = project.run(name)
        state = state_of(run)
        if state is RunState.RUNNING:
            raise UserFacingError(
                "queue.running",
                _("This run is in progress."),
                _(
                    "Use “Stop and keep the best so far”. The queue then continues with the "
                    "next run."
                ),
            )
        item = next(item for item in items if item.run == name)
        write_json(project.queue_removed, {"at": time.time(), "item": item.model_dump(mode="json")})
        _save(project, [item for item in items if item.run != name])
        if state is RunState.WAITING:
            put_in_bin(project, run, queued=True)


def removed(project: Project) -> QueueItem | None:
    """Return what was taken out last, if that was less than a day ago and can be put back."""
    try:
        kept = read_json(project.queue_removed)
        item, age = QueueItem.model_validate(kept["item"]), time.time() - float(kept["at"])
    except (UserFacingError, ValidationError, KeyError, TypeError, ValueError):
        return None
    if age > _DAY or any(other.run == item.run for other in load_queue(project)):
        return None
    there = project.has_run(item.run)
    return item if there or binned_run(project, item.run) is not None else None


def put_back(project: Project) -> QueueItem | None:
    """Let what was taken out last wait at the end of the queue again.

    Raises:
        UserFacingError: its name is taken, or the disk refuses.
    """
    item = removed(project)
    if item is None:
        return None
    binned = binned_run(project, item.run)
    if binned is not None:
        bring_back(binned)
    with _locked(project):
        _save(project, [*load_queue(project), item])
    return item


def _waits(project: Project, item: QueueItem) -> bool:
    return state_of(project.run(item.run)) is RunState.WAITING


def total(entries: Sequence[QueueEntry], *, to_come: bool = False) -> Total:
    """Add up the forecasts; ``to_come`` leaves out what has ended, of single trainings too."""
    if to_come:
        counted = [entry.to_come for entry in entries if not has_ended(entry.state)]
    else:
        counted = [entry.item for entry in entries]
    energies = [Range(*item.joules) for item in counted if item.joules is not None]
    known = bool(counted) and len(energies) == len(counted)
    seconds = added(Range(*item.seconds) for item in counted)
    return Total(len(counted), seconds, added(energies) if known else None)


def live_training(project: Project) -> RunFolder | None:
    """Return the training of this project that runs now, ``None`` if there is none.

    One whose child was started a moment ago counts.
    """
    return next((run for run in project.runs("train") if is_running(run)), None)


def live_queue(project: Project) -> RunFolder | None:
    """Return the run folder of the queue's own job while it works, else ``None``."""
    return next((run for run in project.runs("queue") if is_alive(run)), None)


def is_at_work(project: Project) -> bool:
    """Return whether a run or the queue works now."""
    return live_training(project) is not None or live_queue(project) is not None


@contextmanager
def next_training(project: Project, tried: set[str]) -> Iterator[RunFolder | None]:
    """Give the next training to start, and keep others from moving or removing it meanwhile.

    One that was interrupted is taken up again before those that wait; what is in ``tried`` was
    begun by this queue already.
    """
    with _locked(project):
        entries = [e for e in read_queue(project) if e.item.run not in tried]
        wanted = (RunState.INTERRUPTED, RunState.WAITING)
        found = (e.item.run for state in wanted for e in entries if e.state is state)
        name = next(found, None)
        yield project.run(name) if name else None
