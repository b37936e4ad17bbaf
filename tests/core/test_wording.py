from __future__ import annotations

import pytest

from core.wording import duration, gigabytes, parameters


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (74.4, "74 s"),
        (90, "2 min"),
        (3600, "60 min"),
        (5400, "1 h 30 min"),
        (36000, "10 h"),
        (100_000, "28 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (25_769_803_776, "25.8 GB"),
        (300_000_000, "0.3 GB"),
        (99_000_000, "99 MB"),
        (120_000, "120 kB"),
        (40_000, "40 kB"),
        (0, "0 kB"),
        (512e9, "512 GB"),
    ],
)
def test_bytes(count: float, text: str) -> None:
    assert gigabytes(count) == text


def test_parameters() -> None:
    assert parameters(134_515_008) == "135 million"
    assert parameters(8_030_261_248) == "8.0 billion"
    assert parameters(18_720) == "18,720"


def test_units_and_numbers_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "de")
    assert gigabytes(25_769_803_776) == "25,8 GB"
    assert parameters(18_720) == "18.720"
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    assert duration(5400).startswith("⟦1 h 30 m")
