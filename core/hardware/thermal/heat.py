"""What the card's temperature means, and when a run must rest.

The limits are read from the card where it reports them. Pausing has hysteresis: it begins at one
temperature and ends at a lower one, so that a card at the limit does not flutter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.hardware.cards.reader import Card
from core.language import N_, _

_WARN_BELOW_SLOWDOWN = 10.0
_PAUSE_BELOW_SLOWDOWN = 2.0
_RESUME_BELOW_PAUSE = 12.0
_AS_COOL_AS_IT_GETS = 120.0  # seconds without a degree less: a warm room allows no more
_ASSUMED_SLOWDOWN = 92.0  # °C, for a card that does not tell; most slow down between 83 and 93
_PATIENCE = 5.0  # seconds above the limit before the pause, so that one odd reading is not enough
_CRITICAL_BELOW_SHUTDOWN = 2.0


class HeatLevel(StrEnum):
    """How hot it is, in the order of urgency."""

    UNKNOWN = "unknown"
    FINE = "fine"
    WARM = "warm"
    SLOWED = "slowed"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class HeatLimits:
    """Temperatures in °C at which the warning band begins, the run pauses, and it continues."""

    warn_at: float
    pause_at: float
    resume_at: float
    critical_at: float

    @classmethod
    def of(
        cls,
        card: Card | None,
        chosen: float | None = None,
        hysteresis: float = _RESUME_BELOW_PAUSE,
    ) -> HeatLimits:
        """Return the limits of a card.

        Args:
            chosen: your own limit for the pause, which may only be lower than the card's.
            hysteresis: how many °C below the limit the run continues.
        """
        slowdown = (card.slowdown_at if card else None) or _ASSUMED_SLOWDOWN
        shutdown = (card.shutdown_at if card else None) or slowdown + 5
        pause = slowdown - _PAUSE_BELOW_SLOWDOWN
        if chosen is not None:
            pause = min(pause, chosen)
        begins = (card.target if card else None) or slowdown
        return cls(
            warn_at=min(slowdown - _WARN_BELOW_SLOWDOWN, begins, pause - 3),
            pause_at=pause,
            resume_at=pause - hysteresis,
            critical_at=shutdown - _CRITICAL_BELOW_SHUTDOWN,
        )


@dataclass(frozen=True, slots=True)
class HeatState:
    """What a reading means; ``todo`` is empty where there is nothing to do."""

    level: HeatLevel
    sentence: str
    todo: str = ""
    should_pause: bool = False


_AIRFLOW = N_("Improve the airflow, or lower the power limit.")


def hottest(card: Card | None) -> tuple[float | None, bool, float]:
    """Return the temperature that counts, whether it is the memory's, and its scale's shift.

    Memory has a limit of its own; its distance to that is brought onto the scale of the chip, so
    that the one nearer to its limit decides. Temperatures in °C.
    """
    if card is None:
        return None, False, 0.0
    core, memory = card.temperature, card.memory_temperature
    if memory is None or card.memory_limit is None:
        return core, False, 0.0
    shift = card.memory_limit - (card.slowdown_at or _ASSUMED_SLOWDOWN)
    if core is None or memory - shift > core:
        return memory - shift, True, shift
    return core, False, 0.0


def assess(card: Card | None, limits: HeatLimits, *, named: bool = False) -> HeatState:
    """Return what one reading means alone, without the history that a pause needs.

    Args:
        named: several cards train, so that the sentence says which one it is about.
    """
    temperature, of_memory, shift = hottest(card)
    if card is None or temperature is None:
        return _unknown()
    state = _temperature(card, temperature + shift, of_memory=of_memory, named=named)
    if temperature >= limits.pause_at:
        limit = limits.pause_at + shift
        text = _("{state} This is above the limit of {limit:.0f} °C.", state=state, limit=limit)
        return HeatState(HeatLevel.PAUSE, text, _(_AIRFLOW))
    if card.slowed_by_heat:
        text = _("{state} The card is slowing itself down. Nothing is broken.", state=state)
        return HeatState(HeatLevel.SLOWED, text, _(_AIRFLOW))
    if temperature >= limits.warn_at:
        return HeatState(HeatLevel.WARM, _("{state} This is rather hot.", state=state), _(_AIRFLOW))
    return HeatState(HeatLevel.FINE, _("{state} This is fine.", state=state))


def _unknown() -> HeatState:
    return HeatState(HeatLevel.UNKNOWN, _("The temperature is not available."))


def _temperature(card: Card, degrees: float, *, of_memory: bool, named: bool) -> str:
    if named and of_memory:
        return _(
            "The memory of card {number} is at {degrees:.0f} °C.",
            number=card.index,
            degrees=degrees,
        )
    if named:
        return _("Card {number} is at {degrees:.0f} °C.", number=card.index, degrees=degrees)
    if of_memory:
        return _("The memory of your card is at {degrees:.0f} °C.", degrees=degrees)
    return _("Your card is at {degrees:.0f} °C.", degrees=degrees)


class HeatGuard:
    """Follows the readings of one card and decides when to pause and when to continue.

    A pause ends below the lower limit, or where the card is under the upper one and has become no
    cooler for two minutes: in a warm room the lower limit may never be reached.

    Attributes:
        state: what the newest reading means.
        limits: where its levels begin.
        chosen: your own limit in °C, which may change at any time.
        lost_seconds: time that the card lost so far by slowing itself down.
        room: how many °C the newest reading is below the limit.
        read_at: when the temperature was last read, in seconds of the clock of :meth:`update`.
    """

    def __init__(
        self, chosen_limit: float | None = None, hysteresis: float = _RESUME_BELOW_PAUSE
    ) -> None:
        self.state = _unknown()
        self.limits = HeatLimits.of(None, chosen_limit, hysteresis)
        self.lost_seconds = 0.0
        self.chosen = chosen_limit
        self.room = math.inf
        self.read_at = -math.inf
        self._hysteresis = hysteresis
        self._at: float | None = None
        self._hot_since: float | None = None
        self._pausing = False
        self._coolest = math.inf
        self._coolest_at = 0.0
        self._full_clock = 0.0
        self._shift = 0.0

    def update(self, card: Card | None, at: float, *, named: bool = False) -> HeatState:
        """Take a reading and return what it means now.

        Args:
            at: seconds of a monotonic clock.
            named: as in :func:`assess`.
        """
        self.limits = HeatLimits.of(card, self.chosen, self._hysteresis)
        self._count_lost(card, at)
        temperature, _of_memory, self._shift = hottest(card)
        if temperature is not None:
            self.room, self.read_at = self.limits.pause_at - temperature, at
            self._decide(temperature, at)
        self._at = at
        self.state = self._described(assess(card, self.limits, named=named))
        return self.state

    def _decide(self, temperature: float, at: float) -> None:
        if temperature < self.limits.pause_at:
            self._hot_since = None
            self._pausing = self._pausing and not self._is_cool(temperature, at)
            return
        self._coolest = math.inf
        self._hot_since = at if self._hot_since is None else self._hot_since
        if temperature >= self.limits.critical_at or at - self._hot_since >= _PATIENCE:
            self._pausing = True

    def _is_cool(self, temperature: float, at: float) -> bool:
        if temperature <= self._coolest - 1:
            self._coolest, self._coolest_at = temperature, at
        waited = at - self._coolest_at
        return temperature <= self.limits.resume_at or waited >= _AS_COOL_AS_IT_GETS

    def _described(self, state: HeatState) -> HeatState:
        if not self._pausing:
            return self._with_lost_time(state)
        below = self.limits.resume_at + self._shift
        waiting = _(
            "{state} The run is paused until the temperature falls below {below:.0f} °C.",
            state=state.sentence,
            below=below,
        )
        return HeatState(HeatLevel.PAUSE, waiting, _(_AIRFLOW), should_pause=True)

    def _with_lost_time(self, state: HeatState) -> HeatState:
        minutes = int(self.lost_seconds / 60)
        if state.level is not HeatLevel.SLOWED or minutes < 1:
            return state
        lost = _(
            "{state} This has cost about {minutes:,} min so far.",
            state=state.sentence,
            minutes=minutes,
        )
        return HeatState(state.level, lost, state.todo)

    def _count_lost(self, card: Card | None, at: float) -> None:
        """Compare the clock while slowed with the highest seen while not slowed."""
        if card is None or card.clock is None:
            return
        if not card.slowed_by_heat:
            self._full_clock = max(self._full_clock, card.clock)
            return
        full = self._full_clock or card.clock_max or card.clock
        if full > 0 and self._at is not None:
            self.lost_seconds += max(0.0, at - self._at) * max(0.0, 1 - card.clock / full)


class CardsHeat:
    """The heat of all cards of one run: each is judged alone, the most urgent counts.

    Args:
        chosen_limit: your own limit in °C.
        hysteresis: how many °C below its limit a card continues.
    """

    def __init__(
        self, chosen_limit: float | None = None, hysteresis: float = _RESUME_BELOW_PAUSE
    ) -> None:
        self._chosen = chosen_limit
        self._hysteresis = hysteresis
        self._guards: dict[int, HeatGuard] = {}
        self._worst = HeatGuard(chosen_limit, hysteresis)

    @property
    def state(self) -> HeatState:
        """What the newest readings mean."""
        return self._worst.state

    @property
    def limits(self) -> HeatLimits:
        """The limits of the most urgent card."""
        return self._worst.limits

    @property
    def lost_seconds(self) -> float:
        """The time lost by the card that slowed down most: the others wait for it."""
        return max((guard.lost_seconds for guard in self._guards.values()), default=0.0)

    def choose(self, limit: float | None) -> None:
        """Follow another limit of yours from the next reading on."""
        self._chosen = limit
        for guard in self._guards.values():
            guard.chosen = limit

    def update(self, cards: Sequence[Card], at: float) -> HeatState:
        """Take a reading of all cards, at ``at`` seconds of a monotonic clock.

        A card that is missing keeps its pause, as one does whose sensor fails.
        """
        found = {card.index: card for card in cards}
        for index in found.keys() - self._guards.keys():
            self._guards[index] = HeatGuard(self._chosen, self._hysteresis)
        for index, guard in self._guards.items():
            card = found.get(index)
            guard.update(card, at, named=len(self._guards) > 1)
        self._worst = max(self._guards.values(), key=_urgency, default=self._worst)
        return self.state

    def must_pause(self, since: float) -> bool:
        """Return whether a card is too hot whose temperature was read after ``since``.

        A card that can no longer be read does not hold up the run forever, and does not hide
        another one that is hot.
        """
        guards = self._guards.values()
        return any(guard.state.should_pause and guard.read_at >= since for guard in guards)


def _urgency(guard: HeatGuard) -> tuple[bool, int, float]:
    return guard.state.should_pause, list(HeatLevel).index(guard.state.level), -guard.room
