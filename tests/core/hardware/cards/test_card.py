import pytest

from core.hardware.cards.card import Card, CardProcess, CardReport, Throttle, together


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


def test_the_cards_of_one_training_are_one_as_warm_as_the_warmest() -> None:
    one = Card(0, name="RTX", temperature=60, power=300, energy=10, memory_total=24, memory_free=4,
               throttle=frozenset())  # fmt: skip
    other = Card(1, name="RTX", temperature=80, power=200, energy=20, memory_total=24,
                 memory_free=2, throttle=frozenset({Throttle.HEAT}),
                 other_processes=(CardProcess(7, "game", 5),))  # fmt: skip
    both = together([one, other])
    assert both is not None
    assert (both.name, both.temperature, both.power, both.energy) == ("2 × RTX", 80, 500, 30)
    assert (both.memory_used, both.slowed_by_heat) == (42, True)
    assert [process.name for process in both.other_processes] == ["game"]
    assert together([one]) is one
    assert together([]) is None


def test_of_several_cards_the_hottest_memory_counts_and_no_limit_can_be_advised() -> None:
    bounds, default = (100.0, 350.0), 350.0
    one = Card(0, temperature=80, memory_temperature=70, fan=90, power_limit=280,
               power_limit_default=default, power_limit_range=bounds)  # fmt: skip
    other = Card(1, temperature=60, memory_temperature=104, fan=40, power_limit=280,
                 power_limit_default=default, power_limit_range=bounds)  # fmt: skip
    both = together([one, other])
    assert both is not None
    assert (both.temperature, both.memory_temperature, both.fan) == (80, 104, 90)
    assert (both.power_limit, both.power_limit_default, both.power_limit_range) == (560, 700, None)


def test_a_program_on_both_cards_counts_once() -> None:
    game = CardProcess(7, "game", 5)
    both = together([Card(0, other_processes=(game,)), Card(1, other_processes=(game,))])
    assert both is not None
    assert both.other_processes == (game,)


def test_half_a_sum_is_no_sum() -> None:
    both = together([Card(0, power=300, memory_total=24, temperature=50), Card(1)])
    assert both is not None
    assert both.power is None
    assert both.memory_total is None
    assert both.temperature == 50
