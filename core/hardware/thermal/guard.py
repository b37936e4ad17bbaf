"""What the training loop asks between two pieces of work: rest, wait until it is cooler, continue.

Nothing in here reads the card. It only looks at what the telemetry thread read last, so a driver
that hangs cannot stop a run, and a pause whose sensor died ends after a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from core.events import EventSink, Notice, StateChanged
from core.hardware.thermal.telemetry import Reading, TelemetryThread
from core.hardware.thermal.throttle import DutyThrottle, ThrottleTarget
from core.language import _

_POLL_SECONDS = 0.5
_MOST_WATTS = 20_000.0  # a counter that rises faster than any computer's cards is rubbish
_BLIND_PAUSE_SECONDS = 180.0  # an idle card has cooled down by then, whether or not it can be read


class Interrupt(Protocol):
    """Returns whether you asked for something that ends the wait."""

    def __call__(self) -> bool: ...  # noqa: D102


def _never() -> bool:
    return False


class TrainingGuard:
    """Holds the training back where the card needs it.

    Args:
        telemetry: the running readings.
        link: takes the events of a pause.
        target: what the throttle holds; nothing by default.

    Attributes:
        rested_seconds: time given to the throttle.
        paused_seconds: time waited for the card to cool down.
    """

    def __init__(
        self,
        telemetry: TelemetryThread,
        link: EventSink,
        target: ThrottleTarget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rested_seconds = 0.0
        self.paused_seconds = 0.0
        self._telemetry = telemetry
        self._link = link
        self._brake = DutyThrottle(target or ThrottleTarget())
        self._seen: Reading | None = None
        self._clock = clock
        self._sleep = sleep

    @property
    def duty(self) -> float:
        """The share of the time that is computed at present."""
        return self._brake.duty

    @property
    def target(self) -> ThrottleTarget:
        """What the throttle holds."""
        return self._brake.target

    def hold(self, target: ThrottleTarget) -> None:
        """Hold something else from now on; may be called by another thread."""
        if target != self._brake.target:
            self._brake = DutyThrottle(target)

    @property
    def must_wait(self) -> bool:
        """Whether :meth:`before_step` would wait now: the moment to save first."""
        return self._too_hot()

    def after_micro_batch(self, busy_seconds: float, interrupted: Interrupt = _never) -> None:
        """Rest as long as the throttle wants after ``busy_seconds`` of computing.

        Waits here too while the card is too hot: a step of many micro-batches may take a minute.

        Args:
            interrupted: as in :meth:`before_step`.
        """
        self.before_step(interrupted)
        if not self.target:
            return
        self._follow()
        rest = self._brake.rest_after(busy_seconds)
        if rest > 0:
            self._sleep(rest)
            self.rested_seconds += rest

    def before_step(self, interrupted: Interrupt) -> float:
        """Wait while the card is too hot; return the seconds waited.

        Args:
            interrupted: asked first and twice a second; ``True`` ends the waiting.
        """
        if not self._too_hot() or interrupted():
            return 0.0
        began = self._clock()
        reason = self._telemetry.heat.state.sentence
        self._link.emit(StateChanged(state="paused", reason=reason, by_itself=True))
        while self._too_hot() and not interrupted():
            self._sleep(_POLL_SECONDS)
        if self._telemetry.heat.state.should_pause and not self._too_hot():
            self._link.emit(_blind())
        self._link.emit(StateChanged(state="running"))
        waited = self._clock() - began
        self.paused_seconds += waited
        return waited

    def _follow(self) -> None:
        """Give the throttle each reading once."""
        reading = self._telemetry.latest
        if reading is None or reading is self._seen or reading.card is None:
            return
        watts = _mean_watts(self._seen, reading)
        self._seen = reading
        self._brake.update(reading.at, reading.card.temperature, watts)

    def _too_hot(self) -> bool:
        """After a while without readings a card has become cool by standing still."""
        return self._telemetry.heat.must_pause(self._clock() - _BLIND_PAUSE_SECONDS)


def _mean_watts(before: Reading | None, now: Reading) -> float | None:
    """The power since the last reading by the energy counter, else the power at this moment.

    Work and rest alternate faster than the readings, so a single power reading meets either.
    """
    counters = [
        reading.card.energy if reading and reading.card else None for reading in (before, now)
    ]
    if before and counters[0] is not None and counters[1] is not None and now.at > before.at:
        watts = (counters[1] - counters[0]) / (now.at - before.at)
        if 0 < watts <= _MOST_WATTS:
            return watts
    return now.card.power if now.card else None


def _blind() -> Notice:
    return Notice(
        level="warning",
        code="heat.blind",
        text=_("The card's temperature can no longer be read. The run continues after a break."),
        todo=_("Restart the computer after this run."),
    )
