from __future__ import annotations

from pathlib import Path

import pytest

from core.events import Event, Notice
from core.hardware.cards.card import Card
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import TelemetryThread
from core.hardware.thermal.throttle import ThrottleTarget
from core.settings import Settings, SettingsFile, save_settings
from core.training.monitor.heat_settings import HeatSettings, throttle_target
from tests.core.hardware.fake_nvml import FakeNvml


class Training:
    """The readings and the guard of a training, and what was said."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.file = SettingsFile()
        limit, target = self.file.current.heat_limit, throttle_target(self.file.current)
        self.readings = TelemetryThread(self, library=FakeNvml(), heat_limit=limit)
        self.guard = TrainingGuard(self.readings, self, target)
        self.follow = HeatSettings(self.file, self.readings, self.guard, self).follow

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def pause_at(self) -> float:
        self.readings.heat.update([Card(0, temperature=60, slowdown_at=93)], 0.0)
        return self.readings.heat.limits.pause_at

    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Notice)]


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Training:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path))
    save_settings(Settings(heat_limit=85))
    return Training()


def test_changed_limits_count_at_once_and_are_told(training: Training) -> None:
    assert training.pause_at() == 85
    save_settings(Settings(heat_limit=75, hold_temperature=68, hold_watts=250))
    training.follow()
    assert training.pause_at() == 75
    assert training.guard.target == ThrottleTarget(68, 250)
    assert training.said() == [
        "Your new settings apply now: training pauses above 75 °C. "
        "Short breaks keep the card at 68 °C and 250 W."
    ]
    training.follow()
    assert len(training.said()) == 1
    save_settings(Settings())
    training.follow()
    assert training.pause_at() == 91
    assert not training.guard.target
    assert training.said()[1].endswith(
        "pauses at the card's own limit. Below that, it takes no breaks."
    )


def test_other_changes_are_not_spoken_of(training: Training) -> None:
    training.follow()
    save_settings(Settings(heat_limit=85, appearance="dark"))
    training.follow()
    assert training.said() == []
    assert training.pause_at() == 85
