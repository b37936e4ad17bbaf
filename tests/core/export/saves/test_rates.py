import pytest

from core.export.saves import rates
from core.export.saves.forms import Choice, Weights
from core.export.saves.rates import about_bytes, about_seconds, measured, note_seconds

GB = 10**9
ADAPTER, PACKED = Choice("adapter"), Choice("gguf", "Q4_K_M")


@pytest.fixture(autouse=True)
def four_cores(monkeypatch):
    monkeypatch.setattr(rates.os, "cpu_count", lambda: 4)


def weights(model: int) -> Weights:
    return Weights(model, model // 50)


def test_without_measurements_more_weights_take_longer():
    small, large = about_seconds(PACKED, weights(GB)), about_seconds(PACKED, weights(16 * GB))
    assert large > 4 * small
    assert about_seconds(ADAPTER, weights(GB)) < small
    assert about_bytes(PACKED, weights(16 * GB)) == pytest.approx(4.9 * GB)


def test_what_was_measured_here_is_used():
    model = 16 * GB
    before = about_seconds(PACKED, weights(model))
    note_seconds(PACKED, model, before / 4)
    assert about_seconds(PACKED, weights(model)) == pytest.approx(before / 4)
    half = about_seconds(PACKED, weights(model // 2))
    assert before / 16 < half < before / 4
    assert about_seconds(ADAPTER, weights(model)) != about_seconds(PACKED, weights(model))


def test_the_nearest_size_and_the_newest_measurement_count():
    for model, seconds in ((GB, 100), (16 * GB, 3000), (16 * GB, 2000)):
        note_seconds(PACKED, model, seconds)
    assert about_seconds(PACKED, weights(15 * GB)) == pytest.approx(1900, rel=0.05)
    assert about_seconds(PACKED, weights(GB)) == pytest.approx(100)


def test_a_damaged_file_is_no_obstacle():
    note_seconds(PACKED, GB, 100)
    rates._file().write_text("[7]")
    assert measured() == []
    note_seconds(PACKED, GB, -1)
    assert measured() == []
    for number in range(70):
        note_seconds(PACKED, GB, 100 + number)
    assert len(measured()) == 60
