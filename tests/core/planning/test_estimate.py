import dataclasses

import pytest

from core.hardware.system.energy import Range
from core.planning.estimate import (
    Hardware,
    Measured,
    duration_text,
    estimate,
    memory_settings,
    rated_flops,
)
from core.planning.memory import streamed_bytes
from core.planning.presets import find_preset
from tests.core.planning.plan_inputs import BIG, MACHINE, RTX_3090, SMALL

HARDWARE = Hardware(MACHINE, RTX_3090)
CONFIG = find_preset(BIG, "balanced").config


def test_the_guides_run_takes_hours_and_costs_cents() -> None:
    found = estimate(BIG, CONFIG, HARDWARE, tariff=0.13)
    assert 3600 * 0.8 < found.seconds.low < found.seconds.high < 3600 * 14
    assert found.cost is not None
    assert 0.02 < found.cost.low < found.cost.high < 0.70
    assert found.peak == found.memory.total < 23 << 30
    assert not found.measured


def test_a_trial_makes_the_range_narrow_and_is_believed() -> None:
    measured = Measured(tokens_per_second=1247, peak_memory=15_000_000_000, watts=340)
    found = estimate(BIG, CONFIG, HARDWARE, 0.13, measured)
    truth = found.work.tokens / 1247
    assert found.seconds.low < truth < found.seconds.high < 1.45 * found.seconds.low
    assert found.peak == 15_600_000_000  # and the driver's own share, which a trial cannot see
    assert found.joules == Range(340 * found.seconds.low, 340 * found.seconds.high)
    assert found.measured


def test_a_second_card_is_promised_no_more_than_was_measured() -> None:
    """Between 1.14 and 1.8 times as fast; each draws its power all the while."""
    measured = Measured(tokens_per_second=1247, watts=340)
    pair = dataclasses.replace(BIG, cards=2)
    for known in (measured, None):
        alone = estimate(BIG, CONFIG, HARDWARE, 0.13, known)
        together = estimate(pair, CONFIG, HARDWARE, 0.13, known)
        assert (alone.seconds.low - 10) / (together.seconds.low - 10) == pytest.approx(1.8)
        assert (alone.seconds.high - 60) / (together.seconds.high - 60) == pytest.approx(1.14)
        assert together.joules and alone.joules
        assert together.joules.high > alone.joules.high


def test_no_card_is_faster_than_the_copies_that_it_waits_for() -> None:
    """Few tokens at once cannot hide a model that comes from the computer's memory each time."""
    small = dataclasses.replace(BIG, free_memory=5 << 30, host_memory=64 << 30, model_type="llama")
    config = CONFIG.with_values({"micro_batch_tokens": 512, "max_length": 512})
    settings = memory_settings(small, config)
    assert settings.stream_layers
    fast = Hardware(MACHINE, dataclasses.replace(RTX_3090, name="NVIDIA GeForce RTX 5090"))
    found = estimate(small, config, fast, 0.13)
    passes = found.work.train_tokens / settings.micro_batch_tokens
    copied = 2 * passes * streamed_bytes(small.shape, settings)
    assert found.seconds.low > copied / 12e9
    roomy = estimate(dataclasses.replace(small, free_memory=80 << 30), config, fast, 0.13)
    assert roomy.seconds.low < copied / 12e9


def test_a_trial_file_gives_the_measurement() -> None:
    trial = {
        "tokens_per_second": 365.0,
        "validation_seconds": 6.0,
        "peak_memory_bytes": 3_000_000_000,
        "energy_joules": None,
        "device": "cpu",
    }
    measured = Measured.from_trial(trial)
    assert measured == Measured(365.0, 3_000_000_000, None, 6.0)
    found = estimate(SMALL, find_preset(SMALL, "small").config, Hardware(MACHINE), 0.3, measured)
    work = found.work
    truth = work.train_tokens / 365 + work.validations * 6
    assert found.seconds.low < truth < found.seconds.high


@pytest.mark.parametrize("trial", [{}, {"tokens_per_second": 0}, {"tokens_per_second": "fast"}])
def test_a_trial_without_a_speed_is_no_measurement(trial: dict[str, object]) -> None:
    assert Measured.from_trial(trial) is None


def test_without_a_card_no_cost_is_invented() -> None:
    found = estimate(SMALL, find_preset(SMALL, "small").config, Hardware(MACHINE), tariff=0.3)
    assert found.joules is None
    assert found.cost is None
    assert 20 < found.seconds.low < 480


def test_the_rest_of_the_computer_is_counted_once_beside_several_cards() -> None:
    pair = dataclasses.replace(BIG, cards=2)
    measured = Measured(tokens_per_second=1247, watts=340)
    found = estimate(pair, CONFIG, dataclasses.replace(HARDWARE, extra_watts=100), 0.13, measured)
    assert found.joules == Range(780 * found.seconds.low, 780 * found.seconds.high)


def test_the_rest_of_the_computer_is_added() -> None:
    alone = estimate(BIG, CONFIG, HARDWARE, 0.13).joules
    whole = estimate(BIG, CONFIG, dataclasses.replace(HARDWARE, extra_watts=100), 0.13).joules
    assert alone is not None and whole is not None
    assert whole.low > alone.low


@pytest.mark.parametrize(
    ("name", "teraflops"),
    [
        ("NVIDIA GeForce RTX 3090", 71),
        ("NVIDIA GeForce RTX 3090 Ti", 80),
        ("NVIDIA GeForce RTX 4060 Ti", 44),
        ("NVIDIA H100 80GB HBM3", 800),
        ("NVIDIA A100-SXM4-80GB", 312),
        ("NVIDIA L4", 121),
        ("NVIDIA L40S", 362),
    ],
)
def test_cards_are_known_by_name(name: str, teraflops: float) -> None:
    assert rated_flops(name) == teraflops * 1e12


def test_an_unknown_card_has_a_wide_range() -> None:
    assert rated_flops("Something New 9000") is None
    unknown = Hardware(MACHINE, dataclasses.replace(RTX_3090, name="Something New 9000"))
    known = estimate(BIG, CONFIG, HARDWARE, 0.13).seconds
    wide = estimate(BIG, CONFIG, unknown, 0.13).seconds
    assert wide.low < known.low < known.high < wide.high


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (55 * 60, 65 * 60, "about 1 h"),
        (600, 1500, "10 to 25 min"),
        (40, 100, "40 s to 2 min"),
        (2, 3, "about 5 s"),
        (50 * 60, 5 * 3600, "1 to 5 h"),
        (30 * 3600, 100 * 3600, "30 h to 4 days"),
        (180, 260, "3 to 4 min"),
    ],
)
def test_durations_for_people(low: float, high: float, text: str) -> None:
    assert duration_text(Range(low, high)) == text


def test_durations_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "de")
    assert "1,5" in duration_text(Range(5400, 5400))
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    assert duration_text(Range(600, 1500)).startswith("⟦10 ")
