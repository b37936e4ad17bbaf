"""What is known about a graphics card at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Throttle(StrEnum):
    """Why a card runs below its clock."""

    HEAT = "heat"
    POWER_LIMIT = "power limit"
    POWER_SUPPLY = "power supply"


@dataclass(frozen=True, slots=True)
class CardProcess:
    """Another program that computes on the card; ``memory`` in bytes where the driver tells."""

    pid: int
    name: str
    memory: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """One reading of one card; whatever could not be read is ``None`` (or empty).

    Temperatures in °C, power in watts, memory in bytes, ``energy`` in joules since the driver was
    loaded, clocks in MHz, fan and utilisation in percent. ``throttle`` is ``None`` where the
    reasons cannot be read.
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


@dataclass(frozen=True, slots=True)
class CardReport:
    """All cards, or in plain words why there are none (``reason`` is empty when there are)."""

    cards: tuple[Card, ...] = ()
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.cards)
