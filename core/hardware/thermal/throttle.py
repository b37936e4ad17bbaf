"""Short rests between pieces of work, so that a card stays at a chosen temperature or power.

A card that computes for a share *d* of the time settles at a temperature that rises with *d*. A
proportional-integral controller finds the share (Åström and Hägglund, *PID Controllers*, 1995); the
engine asks after each piece of work how long to rest. The rests must be short against the card's
thermal time constant (about a minute), so they come between micro-batches, not between steps.
"""

from __future__ import annotations

from dataclasses import dataclass

_LEAST_DUTY = 0.1
_LONGEST_REST = 20.0
_PROPORTIONAL = 0.04  # share of the time per °C
_INTEGRAL = 0.0007  # share of the time per °C and second
_FIRST_SHARE = 0.6  # near what most cards need on arrival at the target
_POWER_GAIN = 0.15  # part of the relative error that is corrected each second
_POWER_MEMORY = 3.0  # seconds over which power readings are averaged
_LONGEST_INTERVAL = 10.0  # seconds; a gap between readings counts at most this much


@dataclass(frozen=True, slots=True)
class ThrottleTarget:
    """What to hold; ``None`` leaves it free.

    Attributes:
        temperature: °C.
        watts: mean power.
    """

    temperature: float | None = None
    watts: float | None = None

    def __bool__(self) -> bool:
        return self.temperature is not None or self.watts is not None


class DutyThrottle:
    """Finds the share of the time that the card may compute (``duty``, 0.1 to 1).

    A reading that is missing changes nothing: the last share stays.
    """

    def __init__(self, target: ThrottleTarget) -> None:
        self.target = target
        self._at: float | None = None
        self._by_heat = 1.0
        self._by_power = 1.0
        self._integral = _FIRST_SHARE
        self._mean_watts: float | None = None

    @property
    def duty(self) -> float:
        """The share of the time to compute."""
        return min(self._by_heat, self._by_power)

    def update(self, at: float, temperature: float | None, watts: float | None) -> float:
        """Take a reading at ``at`` seconds and return the new duty."""
        if self._at is not None:
            seconds = min(max(0.0, at - self._at), _LONGEST_INTERVAL)
            if temperature is not None and self.target.temperature is not None:
                self._hold_temperature(self.target.temperature - temperature, seconds)
            if watts is not None and self.target.watts is not None:
                self._hold_power(self.target.watts, watts, seconds)
        self._at = at
        return self.duty

    def rest_after(self, busy_seconds: float) -> float:
        """Return how many seconds to rest after ``busy_seconds`` of work."""
        return min(_LONGEST_REST, max(0.0, busy_seconds * (1 / self.duty - 1)))

    def _hold_temperature(self, room: float, seconds: float) -> None:
        """``room``: degrees below the target.

        While the card is far below it and computes without rest anyway, the integral waits, so
        that it does not overshoot on arrival.
        """
        wanted = self._integral + _PROPORTIONAL * room
        if wanted < 1.0 or room < 0:
            self._integral = _within(self._integral + _INTEGRAL * room * seconds)
        self._by_heat = _within(self._integral + _PROPORTIONAL * room)

    def _hold_power(self, wanted: float, watts: float, seconds: float) -> None:
        before = watts if self._mean_watts is None else self._mean_watts
        share = min(1.0, seconds / _POWER_MEMORY)
        self._mean_watts = before + share * (watts - before)
        error = (wanted - self._mean_watts) / wanted
        self._by_power = _within(self._by_power * (1 + _POWER_GAIN * error * min(seconds, 1.0)))


def _within(duty: float) -> float:
    return min(1.0, max(_LEAST_DUTY, duty))
