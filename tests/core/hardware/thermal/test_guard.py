import dataclasses

import pytest

from core.events import Event, Notice, StateChanged
from core.hardware.cards.reader import Card
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import Reading, TelemetryThread
from core.hardware.thermal.throttle import ThrottleTarget
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.hardware.heat_readings import ThermalCard


class Night:
    """A simulated clock on which sleeping moves time, and a card whose readings follow it."""

    def __init__(self, target: ThrottleTarget | None = None, limit: float | None = None) -> None:
        self.now = 0.0
        self.events: list[Event] = []
        self.thermal = ThermalCard()
        self.blind = False
        self.telemetry = TelemetryThread(self, library=FakeNvml(), heat_limit=limit)
        self.guard = TrainingGuard(
            self.telemetry,
            self,
            target,
            clock=lambda: self.now,
            sleep=lambda s: self.pass_time(s, 0),
        )

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def pass_time(self, seconds: float, duty: float) -> None:
        """Let the card compute (duty 1) or idle (duty 0), read once a second."""
        left = seconds
        while left > 1e-9:
            piece = min(left, 1.0 - self.now % 1.0)
            self.now, left = self.now + piece, left - piece
            self.thermal.advance(piece, duty)
            if self.now % 1.0 < 1e-6 or self.now % 1.0 > 1 - 1e-6:
                self.now = round(self.now)
                self._read()

    def _read(self) -> None:
        if self.blind:
            return
        card = Card(index=0, temperature=self.thermal.temperature, power=self.thermal.watts,
                    slowdown_at=93, shutdown_at=98)  # fmt: skip
        self.telemetry.latest = Reading(self.now, card, None, None)
        self.telemetry.heat.update([card], self.now)

    def states(self) -> list[str]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]


def never() -> bool:
    return False


def test_a_cool_card_is_left_alone() -> None:
    night = Night(limit=85)
    night.pass_time(30, 1)
    assert night.guard.before_step(never) == 0
    assert night.events == []


def test_pauses_when_hot_and_goes_on_when_cool() -> None:
    night = Night(limit=80)
    night.thermal.temperature = 82
    night.pass_time(8, 1)
    assert night.guard.must_wait
    waited = night.guard.before_step(never)
    assert waited > 5
    assert night.thermal.temperature <= 68
    assert night.states() == ["paused", "running"]
    first = night.events[0]
    assert isinstance(first, StateChanged)
    assert first.by_itself
    assert "above the limit of 80 °C" in first.reason
    assert night.guard.paused_seconds == waited


def test_a_long_step_pauses_between_its_micro_batches() -> None:
    night = Night(limit=80)
    night.thermal.temperature = 84
    night.pass_time(8, 1)
    night.guard.after_micro_batch(8.0)
    assert night.states() == ["paused", "running"]
    assert night.thermal.temperature <= 68


def test_the_person_can_end_the_waiting() -> None:
    night = Night(limit=60)
    night.thermal.temperature = 85
    night.pass_time(10, 1)
    asked = iter([False, False, False, True])
    assert night.guard.before_step(lambda: next(asked)) == pytest.approx(1.0)
    assert night.states() == ["paused", "running"]


def test_one_dead_sensor_takes_no_protection_from_the_other_card() -> None:
    night = Night(limit=60)
    night.blind = True
    hot, dead = Card(index=0, temperature=85, slowdown_at=93), Card(index=1)
    for _second in range(300):
        night.now += 1
        night.telemetry.heat.update([hot, dead], night.now)
    assert night.guard.must_wait


def test_who_has_spoken_already_is_not_told_of_a_pause_at_each_micro_batch() -> None:
    night = Night(limit=60)
    night.thermal.temperature = 85
    night.pass_time(10, 1)
    for _micro_batch in range(5):
        night.guard.after_micro_batch(1.0, lambda: True)
    assert night.states() == []
    assert night.guard.paused_seconds == 0


def test_a_sensor_that_dies_in_the_pause_does_not_hold_it_for_ever() -> None:
    night = Night(limit=60)
    night.thermal.temperature = 85
    night.pass_time(10, 1)
    night.blind = True
    assert 170 < night.guard.before_step(never) < 200
    notices = [event for event in night.events if isinstance(event, Notice)]
    assert [notice.code for notice in notices] == ["heat.blind"]
    assert night.guard.before_step(never) == 0
    night.blind = False


def test_a_night_at_seventy_degrees() -> None:
    night = Night(ThrottleTarget(temperature=70))
    temperatures = []
    while night.now < 3000:
        night.pass_time(1.5, 1)
        night.guard.after_micro_batch(1.5)
        temperatures.append(night.thermal.temperature)
    held = temperatures[len(temperatures) // 2 :]
    assert max(abs(temperature - 70) for temperature in held) < 2
    assert 0.3 < night.guard.duty < 0.95
    assert night.guard.rested_seconds > 300


def test_the_energy_counter_tells_the_mean_power_where_the_moment_would_mislead() -> None:
    """Readings that always fall into the work see full power; the counter sees the rests too."""
    night = Night(ThrottleTarget(watts=170))
    joules, held = 0.0, []
    for second in range(120):
        mean = 30 + night.guard.duty * 310
        joules += mean
        card = Card(index=0, power=340.0, energy=joules)
        night.telemetry.latest = Reading(float(second), card, None, None)
        night.guard.after_micro_batch(1.0)
        held.append(mean)
    assert held[-1] == pytest.approx(170, rel=0.03)


def test_another_target_is_held_from_now_on() -> None:
    night = Night()
    night.guard.hold(ThrottleTarget(watts=170))
    while night.now < 60:
        night.pass_time(1.0, 1)
        night.guard.after_micro_batch(1.0)
    assert night.guard.duty < 0.8
    duty = night.guard.duty
    night.guard.hold(ThrottleTarget(watts=170))
    assert night.guard.duty == duty, "the same target goes on where it was"
    night.guard.hold(ThrottleTarget())
    assert night.guard.duty == 1.0


def test_without_a_target_nothing_rests() -> None:
    night = Night()
    night.pass_time(10, 1)
    night.guard.after_micro_batch(5.0)
    assert night.guard.rested_seconds == 0
    assert night.guard.duty == 1.0


def test_a_reading_without_a_card_changes_nothing() -> None:
    night = Night(ThrottleTarget(temperature=70))
    night.telemetry.latest = Reading(1.0, None, None, None)
    night.guard.after_micro_batch(5.0)
    assert night.guard.duty == 1.0
    assert dataclasses.replace(night.telemetry.latest, at=2.0).card is None
