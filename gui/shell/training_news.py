"""What happens to the project's runs, shown or not, for the tray and the notifications."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.events import Event, Failed, Finished, Started, StateChanged, TrainStep
from core.jobs.exit_diagnosis import diagnose_exit
from core.jobs.messages import message_about
from core.jobs.status import is_running, recent_events
from core.jobs.supervisor import EventTail, size_of
from core.language import N_, _, time_of_day
from core.project import Project, RunFolder
from core.queue.entries import live_training
from core.wording import duration
from gui.jobs.poller import Look, Poller

_EVERY_MS = 2000
_BEGINS = N_("Getting ready")


class NewsKind(StrEnum):
    """What can happen."""

    DONE = "done"
    FAILED = "failed"
    PAUSED = "paused"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened; ``title`` and ``text`` are for you."""

    kind: NewsKind
    run: str
    title: str
    text: str


class RunWatch:
    """Reads what one run has reported since the last look.

    Attributes:
        status: how far it is, in a few words.
        share: how much of it is done, from 0 to 1; ``None`` before the first step.
        live: percentage and finish time, as short as it gets.
        paused: it waits for you.
        over: it has ended.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.status: str = _(_BEGINS)
        self.share: float | None = None
        self.live = ""
        self.paused = self.over = False
        size = size_of(run.events_file)  # what is reported from here on is news
        self._tail = EventTail(run.events_file, size)
        for event in recent_events(run, size):
            self._take(event)  # what was before is no news

    def look(self) -> list[News]:
        """Return what is new; a child that died silently is news too."""
        alive = is_running(self.run)  # before reading: nothing is appended after a death
        news = [found for event in self._tail.new_events() if (found := self._take(event))]
        if not alive and not self.over:
            news.append(self._end(diagnose_exit(self.run, None)))
        return news

    def _take(self, event: Event) -> News | None:
        match event:
            case Started():  # perhaps resumed: what ended before does not count
                self.status, self.paused, self.over = _(_BEGINS), False, False
                self.live = ""
            case TrainStep():
                self.status, self.live = _progress(event), _live(event)
                self.share = event.step / max(1, event.total_steps)
            case StateChanged(state="paused"):
                self.paused = not event.by_itself
                self.status = _("Paused") if self.paused else _("Waiting; resumes automatically")
                self.live = _("Paused")
                return self._news(NewsKind.PAUSED, event)
            case StateChanged():
                self.status, self.paused = _("Running again"), False
                return self._news(NewsKind.RUNNING, event)
            case Finished() | Failed():
                return self._end(event)
        return None

    def _end(self, event: Finished | Failed) -> News:
        self.over, failed = True, isinstance(event, Failed)
        self.status = _("Failed") if failed else _("Done")
        return self._news(NewsKind.FAILED if failed else NewsKind.DONE, event)

    def _news(self, kind: NewsKind, event: StateChanged | Finished | Failed) -> News:
        message = message_about(event, self.run)
        return News(kind, self.run.name, message.title, message.text)


def _progress(event: TrainStep) -> str:
    if event.seconds_left is None:
        return _("Step {step:,} of {total:,}", step=event.step, total=event.total_steps)
    return _(
        "Step {step:,} of {total:,}, about {time} left",
        step=event.step,
        total=event.total_steps,
        time=duration(event.seconds_left),
    )


def _live(event: TrainStep) -> str:
    percent = 100 * event.step / max(1, event.total_steps)
    if event.seconds_left is None:
        return _("{percent:.0f}%", percent=percent)
    end = datetime.datetime.now() + datetime.timedelta(seconds=event.seconds_left)
    # Translators: 41% · 14:20 (how much is done, and when it will be finished)
    return _("{percent:.0f}% · {time}", percent=percent, time=time_of_day(end))


class TrainingNews(QObject):
    """Looks every two seconds, beside the window's thread.

    Attributes:
        told: carries :class:`News`.
        looked: the status may have changed.
    """

    told = Signal(object)
    looked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._watch: RunWatch | None = None
        self._poller = Poller(self, _EVERY_MS, self._next_look, self._seen)
        self.look_now, self.shut_down = self._poller.look_now, self._poller.shut_down

    @property
    def run(self) -> RunFolder | None:
        """The run that is training now."""
        return self._watch.run if self._watch is not None else None

    @property
    def status(self) -> str:
        """How far it is, ``""`` when none runs."""
        return self._watch.status if self._watch is not None else ""

    @property
    def live(self) -> str:
        """Percentage and finish time, ``""`` when none runs."""
        return self._watch.live if self._watch is not None else ""

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1."""
        return self._watch.share if self._watch is not None else None

    @property
    def paused(self) -> bool:
        """Whether it waits for you, also since before this window."""
        return self._watch is not None and self._watch.paused

    def watch(self, project: Project | None) -> None:
        """Look at this project from now on."""
        self._project, self._watch = project, None
        self._poller.switch(on=project is not None)

    def _next_look(self) -> Look | None:
        return partial(self._look, self._project) if self._project is not None else None

    def _look(self, project: Project) -> tuple[RunWatch | None, list[News]]:
        watch = self._watch
        if watch is None:
            live = live_training(project)
            return (RunWatch(live) if live is not None else None), []
        return watch, watch.look()

    def _seen(self, found: tuple[RunWatch | None, list[News]]) -> None:
        self._watch, news = found
        if self._watch is not None and self._watch.over:
            self._watch = None  # the next look finds the next of the queue
        for item in news:
            self.told.emit(item)
        self.looked.emit()
