"""Notices what a run itself cannot: a step or a driver that hangs, a computer that slept.

The watchdog only speaks. A step that takes long may still end well, and ending it would lose it.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Self, get_args

from core.events import EventSink, Notice
from core.language import Sentence, _

Work = Literal["step", "check"]
"""An optimizer step, or a check on unseen examples with what belongs to it."""

_STEPS_TO_KNOW = 5  # the first ones also compile and warm up
_REMEMBERED_STEPS = 50
_TIMES_LONGER = 10.0
_LEAST_SECONDS = 60.0
_UNKNOWN_SECONDS = 900.0  # before the usual time is known
_LEAST_SLEEP = 30.0
_POLL_SECONDS = 1.0


def since_boot() -> float:
    """Return seconds since the start of the computer, the time asleep included where known."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class StepWatchdog:
    """A context manager around a run; wrap each step and each check in :meth:`watch`.

    Args:
        link: takes the notices.
        look_at_readings: called at each look, for readings that hang and cannot say so.
        clock: seconds, the time asleep included.
        poll_seconds: how often to look.

    Attributes:
        slept_seconds: time for which the computer slept or this process was stopped.
    """

    def __init__(
        self,
        link: EventSink,
        look_at_readings: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = since_boot,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self.slept_seconds = 0.0
        self._link = link
        self._look_at_readings = look_at_readings
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._durations = {what: deque[float](maxlen=_REMEMBERED_STEPS) for what in get_args(Work)}
        self._doing: Work = "step"
        self._began: float | None = None
        self._told = False
        self._resting = False
        self._looked = clock()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exit: object) -> None:
        self._over.set()
        self._thread.join()

    @contextmanager
    def watch(self, doing: Work = "step") -> Iterator[None]:
        """Watch the work of this block; it is compared with earlier work of the same kind."""
        with self._lock:
            self._began, self._told, self._doing = self._clock(), False, doing
        try:
            yield
        finally:
            with self._lock:
                seconds = self._clock() - self._began
                self._began = None
                moved_again = self._told
            if moved_again:
                self._link.emit(_moves_again(doing, seconds))
            else:
                self._durations[doing].append(seconds)

    @contextmanager
    def rest(self) -> Iterator[None]:
        """Do not count the time of this block, in which a step waits for the card to cool down."""
        began = self._clock()
        self._resting = True
        try:
            yield
        finally:
            with self._lock:
                self._resting = False
                if self._began is not None:
                    # A sleep during the rest was taken off already: never into the future.
                    self._began = min(self._clock(), self._began + self._clock() - began)

    def _watch(self) -> None:
        while not self._over.wait(self._poll_seconds):
            self.look()

    def look(self) -> None:
        """Say what is to be said now; the thread calls this, and so do tests with their clock."""
        with self._lock:
            now = self._clock()
            gap = now - self._looked - self._poll_seconds
            self._looked = now
            slept = gap > _LEAST_SLEEP
            if slept:
                self.slept_seconds += gap
                if self._began is not None:
                    self._began += gap  # a step is not slow because the computer slept
            notice = self._hanging(now)
        if slept:  # the readings were asleep too: they are looked at the next time
            self._link.emit(_slept(gap))
        else:
            self._look_at_readings()
        if notice is not None:
            self._link.emit(notice)

    def _hanging(self, now: float) -> Notice | None:
        if self._began is None or self._told or self._resting:
            return None
        known, seconds = self._durations[self._doing], now - self._began
        usual = statistics.median(known) if len(known) >= _STEPS_TO_KNOW else None
        longest = _UNKNOWN_SECONDS if usual is None else _TIMES_LONGER * usual
        if seconds < max(_LEAST_SECONDS, longest):
            return None
        self._told = True
        return Notice(
            level="problem",
            code="training.stuck",
            text=_stuck(self._doing, seconds, usual),
            todo=_(
                "It may still finish. If nothing changes for ten minutes, restart the computer, "
                "then press Resume. The last checkpoint is kept."
            ),
        )


def _stuck(doing: Work, seconds: float, usual: float | None) -> Sentence:
    if usual is None and doing == "step":
        return _("This step has taken {seconds:.0f} s so far.", seconds=seconds)
    if usual is None:
        return _("This check has taken {seconds:.0f} s so far.", seconds=seconds)
    if doing == "step":
        return _(
            "This step has taken {seconds:.0f} s so far; earlier ones took {usual:.1f} s each.",
            seconds=seconds,
            usual=usual,
        )
    return _(
        "This check has taken {seconds:.0f} s so far; earlier ones took {usual:.1f} s each.",
        seconds=seconds,
        usual=usual,
    )


def _moves_again(doing: Work, seconds: float) -> Notice:
    if doing == "step":
        text = _(
            "The slow step finished after {seconds:.0f} s. The run continues.", seconds=seconds
        )
    else:
        text = _(
            "The slow check finished after {seconds:.0f} s. The run continues.", seconds=seconds
        )
    return Notice(level="good", code="training.moves_again", text=text)


def _slept(seconds: float) -> Notice:
    return Notice(
        level="info",
        code="training.slept",
        text=_(
            "The computer slept, or the run was stopped from outside, for {minutes} min. The run "
            "continues.",
            minutes=max(1, round(seconds / 60)),
        ),
        todo=_("Turn off automatic sleep in the system's power settings to finish sooner."),
    )
