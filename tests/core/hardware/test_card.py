import pytest

from core.hardware.card import Card, CardReport, Throttle


def test_used_memory_is_what_is_not_free() -> None:
    assert Card(0, memory_total=24, memory_free=20).memory_used == 4
    assert Card(0, memory_total=24).memory_used is None


@pytest.mark.parametrize(
    ("throttle", "slowed"),
    [
        (None, None),
        (frozenset(), False),
        (frozenset({Throttle.POWER_LIMIT}), False),
        (frozenset({Throttle.HEAT}), True),
    ],
)
def test_only_heat_counts_as_heat(
    throttle: frozenset[Throttle] | None, slowed: bool | None
) -> None:
    assert Card(0, throttle=throttle).slowed_by_heat is slowed


def test_a_report_is_true_when_there_are_cards() -> None:
    assert CardReport((Card(0),))
    assert not CardReport(reason="none")
