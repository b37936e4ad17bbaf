"""Reads the card once a second during a run, and can never harm the run.

The readings have a daemon thread. It may hang in the driver, fail or be fed rubbish; the run only
looks at the last good reading and at how old it is.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypedDict

import psutil

from core.events import Event, EventSink, Notice, Telemetry
from core.hardware.cards.card import Card, together
from core.hardware.cards.nvml import Nvml
from core.hardware.cards.power_advice import power_advice
from core.hardware.cards.reader import CardReader
from core.hardware.system.energy import EnergyMeter
from core.hardware.system.machine import read_ram
from core.hardware.thermal.heat import CardsHeat, HeatLevel
from core.hardware.thermal.sensor_watchdog import SensorWatchdog
from core.language import _

_STOP_SECONDS = 2.0


class _Energy(TypedDict):
    energy: float | None
    energy_missed: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The last reading; ``at`` is in seconds of the thread's clock, ``card`` is all as one."""

    at: float
    card: Card | None
    cpu_percent: float | None
    ram_used: int | None
    ram_own: int | None = None


class TelemetryThread:
    """A context manager around a job: emits a ``Telemetry`` event each ``period`` seconds.

    Args:
        link: takes the events.
        period: seconds between two readings.
        library: stands in for the driver's library in tests.
        cards: those that train, by index or UUID; none where the processor trains.
        heat_limit: your own temperature limit in °C.

    Attributes:
        latest: the newest reading, ``None`` before the first.
        heat: judges the readings.
        faults: how many rounds failed as a whole.
        before_round: called before each round; whatever it raises is ignored.
    """

    def __init__(
        self,
        link: EventSink,
        period: float = 1.0,
        library: Nvml | None = None,
        *,
        cards: Sequence[int | str] = (0,),
        heat_limit: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.latest: Reading | None = None
        self.heat = CardsHeat(heat_limit)
        self.faults = 0
        self.before_round: Callable[[], None] = lambda: None
        self._link = link
        self._period = period
        self._reader = CardReader(library)
        self._cards = tuple(cards)
        self._clock = clock
        self._meter = EnergyMeter(max(1, len(self._cards)))
        self._sight = SensorWatchdog(clock)
        self._chosen: tuple[Card, ...] = ()
        self._others_told = False
        self._stop = threading.Event()
        self._emitting = threading.Lock()
        self._announced = HeatLevel.FINE
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exit: object) -> None:
        self.stop()

    @property
    def energy_joules(self) -> float | None:
        """What the card used so far, ``None`` where it cannot be measured."""
        return self._meter.joules

    @property
    def mean_watts(self) -> float | None:
        """The mean power so far, ``None`` where it cannot be measured."""
        joules, seconds = self._meter.joules, self._meter.seconds
        return joules / seconds if joules is not None and seconds > 0 else None

    @property
    def age(self) -> float | None:
        """Seconds since the newest reading, ``None`` before the first."""
        return None if self.latest is None else self._clock() - self.latest.at

    def start(self) -> None:
        """Begin reading."""
        self._sight.restart()
        self._thread.start()

    def stop(self) -> None:
        """End reading; afterwards nothing is emitted, even if the driver still hangs."""
        self._stop.set()
        self._thread.join(_STOP_SECONDS)
        if self._emitting.acquire(timeout=_STOP_SECONDS):
            self._emitting.release()

    def look(self) -> None:
        """Say once if a card cannot be read any more; for a thread that does not read itself."""
        notice = self._sight.look() if self._cards else None
        if notice is not None:
            self._emit(notice)

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(Exception):
                self.before_round()
            try:
                self._round()
            except Exception:  # whatever a driver or a full disk does, the run continues
                self.faults += 1
            self._stop.wait(self._period)
        with contextlib.suppress(Exception):
            self._reader.close()

    def _round(self) -> None:
        self._chosen = self._chosen_cards()
        card = together(self._chosen)
        at = self._clock()
        self._meter.add(at, card.power if card else None, card.energy if card else None)
        reading = Reading(at, card, _cpu_percent(), _ram_used(), _ram_own())
        self.latest = reading
        seen = bool(self._chosen) and all(c.temperature is not None for c in self._chosen)
        self._sight.note_round(seen=seen)
        self.heat.update(self._chosen, at)
        self._emit(self._event(reading))
        self.look()
        self._announce()
        self._announce_others(card)

    def _chosen_cards(self) -> tuple[Card, ...]:
        if not self._cards:
            return ()
        cards = self._reader.read().cards
        chosen = tuple(card for card in cards if {card.index, card.uuid} & set(self._cards))
        # Some drivers write a UUID in another way; with a single card there is no doubt.
        if not chosen and len(cards) == 1 and isinstance(self._cards[0], str):
            return cards
        # A card that fell away: what is left would be taken for a sum.
        return chosen if len(chosen) == len(self._cards) else ()

    def _energy(self) -> _Energy:
        missed = round(self._meter.missed_seconds, 1)
        return {"energy": self._meter.joules, "energy_missed": missed}

    def _event(self, reading: Reading) -> Telemetry:
        machine = {
            "cpu_percent": reading.cpu_percent,
            "ram_used": reading.ram_used,
            "ram_own": reading.ram_own,
        }
        card, asked = reading.card, len(self._cards)
        if card is None:
            return Telemetry(cards=asked, **self._energy(), **machine)
        return Telemetry(
            cards=asked,
            card=card.name,
            temperature=card.temperature,
            slowdown_at=card.slowdown_at,
            power=card.power,
            **self._energy(),
            memory_used=card.memory_used,
            memory_total=card.memory_total,
            utilisation=card.utilisation,
            throttled=card.slowed_by_heat,
            throttle=_reasons(card),
            others=len(card.other_processes),
            memory_temperature=card.memory_temperature,
            warn_at=self.heat.limits.warn_at,
            pause_at=self.heat.limits.pause_at,
            lost_seconds=round(self.heat.lost_seconds, 1),
            power_limit=card.power_limit,
            clock=card.clock,
            fan=card.fan,
            **machine,
        )

    def _announce(self) -> None:
        """Say once when it becomes warmer than before, and once when it is fine again."""
        state = self.heat.state
        if state.level in (self._announced, HeatLevel.UNKNOWN):
            return
        rising = list(HeatLevel).index(state.level) > list(HeatLevel).index(self._announced)
        if rising or state.level is HeatLevel.FINE:
            code = f"heat.{state.level.value}"
            todo = _remedy(state.todo, power_advice(self._chosen)) if rising else ""
            level: Literal["warning", "info"] = "warning" if rising else "info"
            self._emit(Notice(level=level, code=code, text=state.sentence, todo=todo))
            self._announced = state.level

    def _announce_others(self, card: Card | None) -> None:
        """Say once that another program uses the card: it takes memory and speed."""
        named = sorted({p.name for p in card.other_processes if p.name}) if card else []
        if named and not self._others_told:
            self._others_told = True
            todo = _(
                "To train faster and with more memory, close other programs that use the card."
            )
            self._emit(Notice(level="info", code="card.shared", text=_shared(named), todo=todo))

    def _emit(self, event: Event) -> None:
        with self._emitting:
            if not self._stop.is_set():
                self._link.emit(event)


_NAMES_SHOWN = 3


def _remedy(todo: str, advice: str) -> str:
    if not todo or not advice:
        return todo or advice
    # Translators: two whole sentences, one after the other.
    return _("{todo} {advice}", todo=todo, advice=advice)


def _shared(names: list[str]) -> str:
    shown = [f"“{name}”" for name in names[:_NAMES_SHOWN]]
    listed = ", ".join(shown)
    if len(names) > _NAMES_SHOWN:
        return _("The card is also used by {programs} and other programs.", programs=listed)
    return _("The card is also used by {programs}.", programs=listed)


def _reasons(card: Card) -> tuple[str, ...]:
    return tuple(sorted(card.throttle)) if card.throttle else ()


def _cpu_percent() -> float | None:
    with contextlib.suppress(Exception):
        return psutil.cpu_percent()
    return None


def _ram_used() -> int | None:
    with contextlib.suppress(Exception):
        total, free = read_ram()
        return total - free
    return None


def _ram_own() -> int | None:
    """What this process holds; other programs of the computer do not count."""
    with contextlib.suppress(Exception):
        return int(psutil.Process().memory_info().rss)
    return None
