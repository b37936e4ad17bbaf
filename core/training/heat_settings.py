"""The person's limits for heat and power, which count at once when they change in mid-training."""

from __future__ import annotations

from core.hardware.brake import BrakeTarget
from core.hardware.guard import TrainingGuard
from core.hardware.telemetry import EventSink, TelemetryThread
from core.jobs.events import Notice
from core.settings import Settings, SettingsFile


class HeatSettings:
    """Hands changed limits to the readings and the guard of a training that runs.

    Args:
        file: the preferences.
        link: takes the notice that says what counts now.
    """

    def __init__(
        self,
        file: SettingsFile,
        readings: TelemetryThread,
        guard: TrainingGuard,
        link: EventSink,
    ) -> None:
        self._file, self._readings, self._guard, self._link = file, readings, guard, link

    def follow(self) -> None:
        """Look for a change; cheap enough to be called once a second."""
        before = self._file.current
        if not self._file.changed():
            return
        now = self._file.current
        if (before.heat_limit, brake_target(before)) == (now.heat_limit, brake_target(now)):
            return
        self._readings.heat.choose(now.heat_limit)
        self._guard.hold(brake_target(now))
        text = f"Your changed settings count from now on: {_in_words(now)}."
        self._link.emit(Notice(code="heat.settings", text=text))


def brake_target(settings: Settings) -> BrakeTarget:
    """Return what short rests shall hold."""
    return BrakeTarget(settings.hold_temperature, settings.hold_watts)


def _in_words(settings: Settings) -> str:
    limit, target = settings.heat_limit, brake_target(settings)
    pause = "the card's own limit" if limit is None else f"{limit:.0f} °C"
    held = [f"{target.temperature:.0f} °C"] if target.temperature is not None else []
    held += [f"{target.watts:.0f} W"] if target.watts is not None else []
    rests = f"it rests to stay at {' and '.join(held)}" if held else "it does not rest before"
    return f"the training pauses above {pause}, and {rests}"
