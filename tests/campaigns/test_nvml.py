import pytest

from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.throttle import ThrottleTarget
from tests.campaigns import nvml
from tests.campaigns.nvml import Case, Hang, all_cases, run, run_case
from tests.core.hardware.fake_nvml import READINGS, FakeNvml, every_error


def test_short_form() -> None:
    assert run(20, seed=1, keep=None) == 0


def test_overheating_pauses_and_goes_on() -> None:
    assert run_case(Case("95 °C", "", None, 95.0)) == []


def test_a_hang_at_a_braked_training() -> None:
    target = ThrottleTarget(temperature=50)
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


def test_a_training_that_reads_the_card_itself_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(guard: TrainingGuard, _busy: float) -> None:
        guard._telemetry._reader.read()

    monkeypatch.setattr(Hang, "patience", 0.2)
    monkeypatch.setattr(TrainingGuard, "after_micro_batch", read)
    findings = run_case(Case("hang", "nvmlDeviceGetTemperature", Hang))
    assert "the training waited for the card's library" in findings


def test_a_window_that_reads_without_a_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(library: FakeNvml, timeout: float) -> None:
        library.nvmlDeviceGetCount()

    monkeypatch.setattr(nvml, "read_cards", read)
    monkeypatch.setattr(nvml, "_LONGEST_END", 0.2)
    hang = Hang()
    findings = nvml._window_through(Case("hang", "nvmlDeviceGetCount", Hang), FakeNvml(), hang)
    hang.released.set()
    assert findings == ["the window's reading did not end"]
