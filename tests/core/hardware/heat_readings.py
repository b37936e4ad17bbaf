"""A card's heat as a model: one thermal mass, power that follows the share of computing time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ThermalCard:
    """Temperature in °C, power in watts, time in seconds; ``advance`` moves the time on."""

    ambient: float = 25.0
    full_watts: float = 340.0
    idle_watts: float = 30.0
    degrees_per_watt: float = 0.19
    time_constant: float = 80.0
    temperature: float = 30.0
    watts: float = 30.0

    def advance(self, seconds: float, duty: float) -> None:
        """Compute for the share ``duty`` of the next ``seconds``."""
        self.watts = self.idle_watts + duty * (self.full_watts - self.idle_watts)
        settled = self.ambient + self.degrees_per_watt * self.watts
        self.temperature += (settled - self.temperature) * min(1.0, seconds / self.time_constant)
