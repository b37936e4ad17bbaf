"""Keeps the model of the page Chat: loads it when it is asked, and lets it go for other work.

A child process does the work; what it tells arrives in another thread and is fetched here a few
times a second, however fast it is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import UserFacingError
from core.generation.spec import BASE, Ask, Done, Hearer, Piece, Refused
from core.hardware.cards.reader import read_cards
from core.hardware.cards.usable import why_unusable
from core.project import Project
from core.serving import IDLE_MINUTES
from core.serving.client import ModelProcess, Told
from core.serving.messages import LoadFailed, Loading, Ready, Status, Unloaded
from core.serving.need import computing_now
from core.serving.shared import SharedModel, offered
from gui.jobs.poller import Poller
from gui.jobs.task_thread import Tasks

_BUSY_MS = 50  # an answer that is written is drawn twenty times a second at most
_IDLE_MS = 500
_LOOK_MS = 2000
_CARD_IN_USE = "serving.card_in_use"  # not shown: a code

State = Literal["off", "loading", "ready"]
Event = Piece | Done | Refused


class Model(Protocol):
    """What is used here of :class:`~core.serving.client.ModelProcess`."""

    def start(self) -> None:
        """Begin to load."""

    def ask(self, ask: Ask, hear: Hearer) -> None:
        """Begin an answer."""

    def cancel(self, id: str) -> None:
        """End an answer early."""

    def close(self) -> None:
        """Let the model go."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be loaded."""

    project: Path
    base: Path
    runs: tuple[str, ...] = ()

    def serves(self, other: Wanted) -> bool:
        """Return whether ``other`` can be answered when this is loaded."""
        same = (self.project, self.base) == (other.project, other.base)
        return same and set(other.runs) <= set(self.runs)


Opener = Callable[[Wanted, Told], Model]


def open_process(wanted: Wanted, told: Told) -> Model:
    """Return the model in a child of its own, not loaded yet, or the one that the server has."""
    shared = offered(wanted.project, wanted.base, wanted.runs)
    if shared is not None:
        return SharedModel(shared, told)
    return ModelProcess(
        wanted.project, wanted.base, wanted.runs, told=told, idle_seconds=60 * IDLE_MINUTES
    )


class ModelHolder(QObject):
    """At most one model is loaded.

    Attributes:
        changed: the state, or something that is said of it.
        heard: events of answers, a list.
        failed: it could not be loaded, or it died (``UserFacingError``).
        gave_way: it was let go because something else needs the card; its name.
        state: ``off``, ``loading`` or ``ready``.
        phase: of loading.
        memory: bytes that it takes.
    """

    changed = Signal()
    heard = Signal(object)
    failed = Signal(object)
    gave_way = Signal(str)

    def __init__(self, opener: Opener = open_process, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = opener
        self.state: State = "off"
        self.phase = ""
        self.memory = 0
        self._wanted: Wanted | None = None
        self._model: Model | None = None
        self._closing: threading.Thread | None = None
        self._pending: list[Ask] = []
        self._asked: set[str] = set()
        self._told: SimpleQueue[tuple[Model | None, Status | Event]] = SimpleQueue()
        self._tasks = Tasks(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._others = Poller(self, _LOOK_MS, self._next_look, self._other_work)

    @property
    def base(self) -> Path:
        """The base model that is loaded, or was last."""
        return self._wanted.base if self._wanted is not None else Path()

    def ask(self, wanted: Wanted, asks: Sequence[Ask]) -> None:
        """Begin answers; what is not loaded yet is loaded first."""
        if self._wanted is None or not self._wanted.serves(wanted) or self.state == "off":
            self.unload()
            self._load(wanted)
        self._asked |= {ask.id for ask in asks}
        if self.state == "ready":
            self._send(asks)
        else:
            self._pending += asks
        self._hurry()

    def _load(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.state, self.phase = "loading", "room"
        model: list[Model] = []

        def told(status: Status) -> None:
            self._told.put((model[0] if model else None, status))

        model.append(self._open(wanted, told))
        self._model = begun = model[0]
        before = self._closing

        def start() -> None:
            if before is not None:  # its memory may be needed
                before.join()
            begun.start()

        self._tasks.start(
            "start", start, lambda _none: None, lambda error: self._fail(begun, error)
        )
        self._others.switch(on=True)
        self.changed.emit()

    def _send(self, asks: Sequence[Ask]) -> None:
        model = self._model
        if model is None:
            return
        for ask in asks:
            try:
                model.ask(ask, lambda event: self._told.put((model, event)))
            except UserFacingError as error:
                self._fail(model, error)
                return

    def cancel(self) -> None:
        """End what is being answered; a model that is still being loaded is let go."""
        if self.state == "loading":
            self.unload()
        elif self._model is not None:
            for name in self._asked:
                self._model.cancel(name)

    def unload(self) -> None:
        """Let the memory go; answers in progress end as cancelled."""
        model, self._model = self._model, None
        if model is not None:
            # It may take seconds until a child that is loading listens; nobody waits for that.
            self._closing = threading.Thread(target=model.close, name="unloading", daemon=True)
            self._closing.start()
        self._others.switch(on=False)
        left, self._asked, self._pending = self._asked, set(), []
        if left:
            self.heard.emit([Done(id=name, reason="cancelled") for name in left])
        was, self.state = self.state, "off"
        if was != "off":
            self.changed.emit()

    def look(self) -> None:
        """Fetch what was told."""
        events: list[Event] = []
        while True:
            try:
                model, told = self._told.get_nowait()
            except Empty:
                break
            if model is not self._model or self._model is None:
                continue  # of one that was let go
            if isinstance(told, Piece | Done | Refused):
                events.append(told)
            else:
                self._flush(events)
                self._note(told)
        self._flush(events)
        if not self._asked and self.state != "loading":
            self._rest()

    def _flush(self, events: list[Event]) -> None:
        if events:
            self._asked -= {event.id for event in events if not isinstance(event, Piece)}
            self.heard.emit(list(events))
            events.clear()

    def _note(self, status: Status) -> None:
        if isinstance(status, Loading):
            self.phase = status.phase
        elif isinstance(status, Ready):
            self.state, self.memory = "ready", status.memory
            pending, self._pending = self._pending, []
            self._send(pending)
        elif isinstance(status, LoadFailed):
            error = UserFacingError(status.code, status.what, status.todo, status.details)
            self._fail(self._model, error)
            return
        elif isinstance(status, Unloaded):
            self.unload()
            return
        self.changed.emit()

    def _fail(self, model: Model | None, error: UserFacingError) -> None:
        if model is not self._model or model is None or self._load_less(error):
            return
        self.failed.emit(error)  # the answers end with its words, not as cancelled
        self._asked = set()
        self.unload()

    def _load_less(self, error: UserFacingError) -> bool:
        """Load without the fine-tunes that nobody asks: one of them may be the one that fails."""
        wanted, asks, asked = self._wanted, self._pending, self._asked
        needed = tuple(dict.fromkeys(ask.model for ask in asks if ask.model != BASE))
        if wanted is None or self.state != "loading" or not asks or error.code == _CARD_IN_USE:
            return False
        if not set(needed) < set(wanted.runs):
            return False
        self._pending, self._asked = [], set()
        self.unload()
        self._load(replace(wanted, runs=needed))
        self._pending, self._asked = asks, asked
        self._hurry()
        return True

    def _hurry(self) -> None:
        self._timer.start(_BUSY_MS)

    def _rest(self) -> None:
        if self.state == "off":
            self._timer.stop()
        else:
            self._timer.start(_IDLE_MS)

    def _next_look(self) -> Callable[[], str] | None:
        wanted = self._wanted
        return None if wanted is None or self.state != "ready" else lambda: _other_work(wanted)

    def _other_work(self, name: str) -> None:
        if name and self.state == "ready":
            self.unload()
            self.gave_way.emit(name)

    def shut_down(self) -> None:
        """Let everything go."""
        self.unload()
        self._timer.stop()
        self._others.shut_down()
        self._tasks.shut_down()


def _other_work(wanted: Wanted) -> str:
    """Return what else computes on the card now, ``""`` for nothing."""
    if all(why_unusable(card) for card in read_cards().cards):
        return ""
    run = computing_now(Project.open(wanted.project))
    return run.name if run is not None else ""
