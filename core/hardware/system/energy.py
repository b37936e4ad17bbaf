"""Energy and what it costs: measured while a job runs, forecast before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.events import Event, Started, Telemetry
from core.language import Sentence, _, number

JOULES_PER_KWH = 3_600_000
_LONGEST_GAP = 60.0  # seconds over which two power readings are still joined by a line
_WHOLE = 0.98  # of the time; the first reading and the last moment are always missing
_MOST_WATTS = 2000.0  # of one card: a counter that rises faster than any card is rubbish


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is known from ``low`` to ``high``."""

    low: float
    high: float

    def scaled(self, factor: float) -> Range:
        """Return the range with both ends multiplied."""
        return Range(self.low * factor, self.high * factor)


def added(ranges: Iterable[Range]) -> Range:
    """Return the least and the most of several figures together."""
    listed = list(ranges)
    return Range(sum(one.low for one in listed), sum(one.high for one in listed))


class EnergyMeter:
    """Adds up the energy of a card, or of ``cards`` together, from the readings.

    The card's own counter is preferred; where it is missing or jumps, the mean of two power
    readings times the time between them takes its place. ``joules`` is ``None`` until something
    could be measured.

    Attributes:
        joules: the sum.
        seconds: how long of the time could be measured.
        missed_seconds: how long could not.
    """

    def __init__(self, cards: int = 1) -> None:
        self._most_watts = cards * _MOST_WATTS
        self.joules: float | None = None
        self.seconds = 0.0
        self.missed_seconds = 0.0
        self._at: float | None = None
        self._counter: float | None = None
        self._watts: float | None = None

    def add(self, at: float, watts: float | None, counter: float | None) -> None:
        """Take one reading.

        Args:
            at: seconds of a monotonic clock.
            watts: power now.
            counter: joules since the driver was loaded.
        """
        if self._at is not None and at > self._at:
            self._extend(at - self._at, watts, counter)
        self._at, self._counter, self._watts = at, counter, watts

    def _extend(self, seconds: float, watts: float | None, counter: float | None) -> None:
        gained = self._by_counter(seconds, counter)
        if gained is None:
            gained = self._by_power(seconds, watts)
        if gained is None:
            self.missed_seconds += seconds
        else:
            self.joules = (self.joules or 0.0) + gained
            self.seconds += seconds

    def _by_counter(self, seconds: float, counter: float | None) -> float | None:
        if counter is None or self._counter is None:
            return None
        gained = counter - self._counter
        return gained if 0 <= gained <= self._most_watts * (seconds + 1) else None

    def _by_power(self, seconds: float, watts: float | None) -> float | None:
        if watts is None or self._watts is None or seconds > _LONGEST_GAP:
            return None
        return (watts + self._watts) / 2 * seconds


@dataclass(frozen=True, slots=True)
class Usage:
    """What the card used: ``joules`` in ``seconds``, of which ``missed`` could not be measured."""

    joules: float
    seconds: float
    missed: float = 0.0

    @property
    def measured(self) -> float:
        """The share of the time that is in the figure, 0 to 1."""
        return 1 - min(1.0, self.missed / self.seconds) if self.seconds > 0 else 1.0

    def whole(self, extra_watts: float) -> float:
        """Return the joules with those of the rest of the computer.

        Args:
            extra_watts: what the rest draws while it trains; 0 counts the card only.
        """
        return self.joules + extra_watts * self.seconds


def usage_of(events: Iterable[Event]) -> Usage | None:
    """Return what a run used over all its children, ``None`` if nothing was measured.

    Each child counts from zero, so the last reading of each is added.
    """
    finished, current = Usage(0.0, 0.0), None
    for event in events:
        if isinstance(event, Started) and current is not None:
            finished, current = _sum(finished, current), Usage(0.0, 0.0)
        elif isinstance(event, Telemetry) and event.energy is not None:
            current = Usage(event.energy, event.at, event.energy_missed)
    return None if current is None else _sum(finished, current)


def _sum(one: Usage, other: Usage) -> Usage:
    missed = one.missed + other.missed
    return Usage(one.joules + other.joules, one.seconds + other.seconds, missed)


def covers(extra_watts: float, measured: float = 1.0) -> Sentence:
    """Return in words what an amount of energy or money includes.

    Args:
        extra_watts: what is added for the rest of the computer.
        measured: the share of the time in which the card could be read.
    """
    if measured > _WHOLE:
        if not extra_watts:
            return _("graphics card only")
        return _("graphics card, and {watts:.0f} W for the rest", watts=extra_watts)
    if not extra_watts:
        return _(
            "graphics card only, known for {share:.0f}% of the time",
            share=100 * measured,
        )
    return _(
        "graphics card, and {watts:.0f} W for the rest, known for {share:.0f}% of the time",
        watts=extra_watts,
        share=100 * measured,
    )


def cost(joules: float, tariff: float) -> float:
    """Return the price of ``joules`` at ``tariff`` for one kilowatt-hour."""
    return joules / JOULES_PER_KWH * tariff


def cost_range(joules: Range, tariff: float) -> Range:
    """Like :func:`cost`, for a range."""
    return joules.scaled(tariff / JOULES_PER_KWH)


def forecast(watts: Range, seconds: Range) -> Range:
    """Return the joules of a job: the least of both to the most of both."""
    return Range(watts.low * seconds.low, watts.high * seconds.high)


def money(amount: float, currency: str) -> Sentence:
    """Return an amount to show: ``$0.05``, ``€1.20``, ``12 CHF``; tiny ones as *under*."""
    if 0 < amount < 0.01:
        return _("under {amount}", amount=_with_sign(0.01, currency))
    return _with_sign(amount, currency)


def money_range(amount: Range, currency: str) -> str:
    """Return a range of money to show; one figure when both ends read the same."""
    low, high = money(amount.low, currency), money(amount.high, currency)
    return low if low == high else _("{low} to {high}", low=low, high=high)


def _with_sign(amount: float, currency: str) -> Sentence:
    # Translators: an amount of money; the currency is a sign (€) or a code (CHF).
    if amount < 100:
        if currency.isalpha():
            return _("{amount:.2f} {currency}", amount=amount, currency=currency)
        return _("{currency}{amount:.2f}", amount=amount, currency=currency)
    if currency.isalpha():
        return _("{amount:.0f} {currency}", amount=amount, currency=currency)
    return _("{currency}{amount:.0f}", amount=amount, currency=currency)


def kilowatt_hours(joules: float) -> str:
    """Return energy to show: watt-hours below a tenth of a kilowatt-hour."""
    hours = joules / JOULES_PER_KWH
    return f"{number(hours * 1000, '.0f')} Wh" if hours < 0.1 else f"{number(hours, '.2f')} kWh"
