import pytest

from core.hardware.brake import BrakeTarget
from core.hardware.guard import TrainingGuard
from tests.campaigns.nvml import Case, Hang, all_cases, run, run_case
from tests.core.hardware.fake_nvml import READINGS, every_error


def test_short_form() -> None:
    assert run(20, seed=1, keep=None) == 0


def test_overheating_pauses_and_goes_on() -> None:
    assert run_case(Case("95 °C", "", None, 95.0)) == []


def test_a_hang_at_a_braked_training() -> None:
    target = BrakeTarget(temperature=50)
    assert run_case(Case("hang", "nvmlDeviceGetTemperature", Hang, 60.0, target)) == []


def test_every_error_at_every_call_is_among_the_cases() -> None:
    cases = all_cases(0)
    names = {next(cases).name for _ in range(1200)}
    wanted = {f"{error.value} at {call}" for call in READINGS for error in every_error()}
    assert len(wanted) > 700
    assert len(wanted - names) == 0


def test_the_campaign_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a guard that never waits, heat must be reported as a failure."""
    monkeypatch.setattr(TrainingGuard, "before_step", lambda _guard, _interrupted: 0.0)
    assert run_case(Case("95 °C", "", None, 95.0)) == ["no pause although it was too hot"]
