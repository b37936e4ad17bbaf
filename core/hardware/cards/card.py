"""What is known about a graphics card at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Throttle(StrEnum):
    """Why a card runs below its clock; events keep the value, the window has words for it."""

    HEAT = "heat"
    POWER_LIMIT = "power limit"  # not shown: a key in events
    POWER_SUPPLY = "power supply"  # not shown: a key in events
    # Too much heat or power; an older card does not say which.
    PROTECTION = "hardware protection"  # not shown: a key in events


@dataclass(frozen=True, slots=True)
class CardProcess:
    """Another program on the card; ``memory`` in bytes where the driver tells."""

    pid: int
    name: str
    memory: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """One reading of one card; whatever could not be read is ``None`` (or empty).

    Temperatures in °C, power in watts, memory in bytes, ``energy`` in joules since the driver was
    loaded, clocks in MHz, fan and utilisation in percent. ``throttle`` is ``None`` where the
    reasons cannot be read. ``memory_limit`` is the hottest that the card's memory may be;
    ``target`` is where the card begins to lower its clock, before it slows down hard.
    """

    index: int
    name: str = ""
    uuid: str = ""
    driver: str = ""
    compute_capability: tuple[int, int] | None = None
    memory_total: int | None = None
    memory_free: int | None = None
    temperature: float | None = None
    memory_temperature: float | None = None
    memory_limit: float | None = None
    target: float | None = None
    slowdown_at: float | None = None
    shutdown_at: float | None = None
    power: float | None = None
    power_limit: float | None = None
    power_limit_default: float | None = None
    power_limit_range: tuple[float, float] | None = None
    energy: float | None = None
    clock: float | None = None
    clock_max: float | None = None
    throttle: frozenset[Throttle] | None = None
    fan: float | None = None
    utilisation: float | None = None
    other_processes: tuple[CardProcess, ...] = ()

    @property
    def memory_used(self) -> int | None:
        """Bytes in use by all programs together."""
        if self.memory_total is None or self.memory_free is None:
            return None
        return self.memory_total - self.memory_free

    @property
    def slowed_by_heat(self) -> bool | None:
        """Whether the card slows itself down because it is hot; ``None`` when it does not say."""
        return None if self.throttle is None else Throttle.HEAT in self.throttle


def together(cards: Sequence[Card]) -> Card | None:
    """Return the cards of one run as one: the hottest figures, the sums of power and memory.

    A sum is ``None`` where one of them cannot be read: half a figure would mislead. For showing
    and counting only; heat and power limits are judged for each card separately.
    """
    if len(cards) < 2:
        return cards[0] if cards else None
    slowed = [card.throttle for card in cards if card.throttle is not None]
    others = {other.pid: other for card in cards for other in card.other_processes}
    return replace(
        cards[0],
        name=f"{len(cards)} × {cards[0].name}",
        temperature=_most([card.temperature for card in cards]),
        memory_temperature=_most([card.memory_temperature for card in cards]),
        fan=_most([card.fan for card in cards]),
        power=_sum([card.power for card in cards]),
        power_limit=_sum([card.power_limit for card in cards]),
        power_limit_default=_sum([card.power_limit_default for card in cards]),
        power_limit_range=None,
        energy=_sum([card.energy for card in cards]),
        memory_total=_whole([card.memory_total for card in cards]),
        memory_free=_whole([card.memory_free for card in cards]),
        throttle=frozenset().union(*slowed) if slowed else None,
        other_processes=tuple(others.values()),
    )


def _most(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _whole(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


@dataclass(frozen=True, slots=True)
class CardReport:
    """All cards, or in plain words why there are none (``reason`` is empty when there are)."""

    cards: tuple[Card, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.cards)
