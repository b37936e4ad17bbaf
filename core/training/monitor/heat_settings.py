"""Your limits for heat and power: when they change during a run, they apply at once."""

from __future__ import annotations

from core.events import EventSink, Notice
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import TelemetryThread
from core.hardware.thermal.throttle import ThrottleTarget
from core.language import Sentence, _, one_after_another
from core.settings import Settings, SettingsFile


class HeatSettings:
    """Hands changed limits to the readings and the guard of a run in progress.

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
        if (before.heat_limit, throttle_target(before)) == (now.heat_limit, throttle_target(now)):
            return
        self._readings.heat.choose(now.heat_limit)
        self._guard.hold(throttle_target(now))
        text = one_after_another([_pause(now), _rests(now)])
        self._link.emit(Notice(code="heat.settings", text=text))


def throttle_target(settings: Settings) -> ThrottleTarget:
    """Return what short breaks should hold."""
    return ThrottleTarget(settings.hold_temperature, settings.hold_watts)


def _pause(settings: Settings) -> Sentence:
    if settings.heat_limit is None:
        return _("Your new settings apply now: training pauses at the card's own limit.")
    return _(
        "Your new settings apply now: training pauses above {limit:.0f} °C.",
        limit=settings.heat_limit,
    )


def _rests(settings: Settings) -> Sentence:
    target = throttle_target(settings)
    heat, power = target.temperature, target.watts
    if heat is not None and power is not None:
        return _(
            "Short breaks keep the card at {heat:.0f} °C and {power:.0f} W.", heat=heat, power=power
        )
    if heat is not None:
        return _("Short breaks keep the card at {heat:.0f} °C.", heat=heat)
    if power is not None:
        return _("Short breaks keep the card at {power:.0f} W.", power=power)
    return _("Below that, it takes no breaks.")
