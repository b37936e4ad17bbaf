import dataclasses

import pytest

from core.hardware.cards.reader import Card, Throttle
from core.hardware.thermal.heat import CardsHeat, HeatGuard, HeatLevel, HeatLimits, assess


def card(temperature: float | None, *, slowed: bool = False, clock: float = 1700) -> Card:
    throttle = frozenset({Throttle.HEAT}) if slowed else frozenset()
    return Card(
        index=0,
        temperature=temperature,
        slowdown_at=93,
        shutdown_at=98,
        throttle=throttle,
        clock=clock,
        clock_max=2000,
    )


LIMITS = HeatLimits.of(card(50))


def test_limits_come_from_the_card() -> None:
    assert HeatLimits(warn_at=83, pause_at=91, resume_at=79, critical_at=96) == LIMITS


def test_a_chosen_limit_can_only_lower_the_cards_own() -> None:
    assert HeatLimits.of(card(50), 75).pause_at == 75
    assert HeatLimits.of(card(50), 75).warn_at < 75
    assert HeatLimits.of(card(50), 120).pause_at == 91


def test_the_warning_begins_where_the_card_lowers_its_clock() -> None:
    early = dataclasses.replace(card(50), target=78.0)
    assert HeatLimits.of(early) == dataclasses.replace(LIMITS, warn_at=78)
    assert HeatLimits.of(dataclasses.replace(early, target=90.0)) == LIMITS
    assert HeatLimits.of(early, 70).warn_at == 67


def test_a_card_that_tells_nothing_has_cautious_limits() -> None:
    limits = HeatLimits.of(Card(index=0))
    assert limits.resume_at < limits.warn_at < limits.pause_at < limits.critical_at <= 97


@pytest.mark.parametrize(
    ("temperature", "slowed", "level"),
    [
        (None, False, HeatLevel.UNKNOWN),
        (60, False, HeatLevel.FINE),
        (83, False, HeatLevel.WARM),
        (84, True, HeatLevel.SLOWED),
        (91, False, HeatLevel.PAUSE),
    ],
)
def test_levels(temperature: float | None, slowed: bool, level: HeatLevel) -> None:
    assert assess(card(temperature, slowed=slowed), LIMITS).level is level


def test_the_sentence_of_a_slowing_card() -> None:
    state = assess(card(84, slowed=True), LIMITS)
    assert state.sentence == (
        "Your card is at 84 °C. The card is slowing itself down. Nothing is broken."
    )
    assert state.todo == "Improve the airflow, or lower the power limit."


def test_pause_begins_within_ten_seconds_and_ends_below_the_lower_mark() -> None:
    guard = HeatGuard()
    paused_at = next(at for at in range(60) if guard.update(card(92), at).should_pause)
    assert 3 <= paused_at <= 10
    for temperature in (90, 85, 80):
        state = guard.update(card(temperature), 60)
        assert state.should_pause
        assert "paused until the temperature falls below 79 °C" in state.sentence
    assert not guard.update(card(79), 61).should_pause
    assert not guard.update(card(90), 62).should_pause


def test_one_odd_reading_does_not_pause() -> None:
    guard = HeatGuard()
    for at in range(100):
        assert not guard.update(card(92 if at % 3 == 0 else 88), at).should_pause


def test_near_the_switch_off_there_is_no_waiting() -> None:
    assert HeatGuard().update(card(96), 0).should_pause


def test_time_lost_is_what_the_clock_fell() -> None:
    guard = HeatGuard()
    guard.update(card(70, clock=1600), 0)
    guard.update(card(84, clock=1200, slowed=True), 60)
    assert guard.lost_seconds == pytest.approx(60 * 0.25)
    guard.update(card(70, clock=1600), 120)
    assert guard.lost_seconds == pytest.approx(15)


def test_minutes_lost_are_told() -> None:
    guard = HeatGuard()
    guard.update(card(70, clock=1600), 0)
    assert "cost" not in guard.update(card(84, clock=1200, slowed=True), 120).sentence
    state = guard.update(card(84, clock=1200, slowed=True), 720)
    assert state.sentence.endswith("Nothing is broken. This has cost about 3 min so far.")


def test_a_sensor_that_fails_while_paused_keeps_the_pause_until_it_answers() -> None:
    guard = HeatGuard()
    guard.update(card(97), 0)
    assert guard.update(card(None), 1).should_pause
    assert not guard.update(card(60), 2).should_pause


def test_a_warm_room_does_not_hold_a_pause_for_ever() -> None:
    """The card idles at 85 °C, above the lower mark: it goes on when it gets no cooler."""
    guard = HeatGuard()
    guard.update(card(97), 0)
    curve = {10 + at: max(85, 96 - at / 10) for at in range(400)}
    resumed = next(
        at for at, celsius in curve.items() if not guard.update(card(celsius), at).should_pause
    )
    assert 120 + 100 <= resumed <= 120 + 130
    assert guard.update(card(97), 500).should_pause


def test_memory_that_is_nearer_to_its_limit_decides() -> None:
    hot = dataclasses.replace(card(70), memory_temperature=104, memory_limit=105)
    assert assess(hot, LIMITS).sentence == (
        "The memory of your card is at 104 °C. This is above the limit of 103 °C."
    )
    guard = HeatGuard()
    states = [guard.update(hot, at) for at in range(8)]
    assert states[-1].should_pause
    assert "paused until the temperature falls below 91 °C" in states[-1].sentence
    cooled = dataclasses.replace(hot, memory_temperature=90)
    assert not guard.update(cooled, 8).should_pause


def test_memory_far_from_its_limit_does_not_matter() -> None:
    cool = dataclasses.replace(card(70), memory_temperature=80, memory_limit=105)
    assert assess(cool, LIMITS) == assess(card(70), LIMITS)
    unknown = dataclasses.replace(card(70), memory_temperature=104)
    assert assess(unknown, LIMITS) == assess(card(70), LIMITS)


def pair(one: float | None, other: float | None, **values: object) -> list[Card]:
    """Two cards; ``values`` are the second one's."""
    second = dataclasses.replace(card(other), index=1, **values)  # type: ignore[arg-type]
    return [card(one), second]


def test_the_most_urgent_of_several_cards_decides_and_is_named() -> None:
    heat = CardsHeat()
    assert heat.update(pair(60, 70), 0).sentence == "Card 1 is at 70 °C. This is fine."
    assert heat.update(pair(84, 70), 1).sentence == "Card 0 is at 84 °C. This is rather hot."
    hot = heat.update(pair(85, 70, memory_temperature=104, memory_limit=105), 2)
    assert hot.sentence.startswith("The memory of card 1 is at 104 °C. This is above the limit")
    assert heat.update([card(60)], 3).sentence.startswith("Your card") is False


def test_cards_of_different_limits_are_each_held_to_their_own() -> None:
    heat = CardsHeat()
    cooler = pair(88, 80, slowdown_at=78.0, shutdown_at=85.0)
    states = [heat.update(cooler, at) for at in range(8)]
    assert states[-1].should_pause
    assert heat.limits.pause_at == 76
    assert not CardsHeat().update([card(88)], 0).should_pause


def test_a_card_whose_sensor_fails_in_a_pause_keeps_it_for_all() -> None:
    heat = CardsHeat()
    assert heat.update(pair(97, 60), 0).should_pause
    assert heat.update(pair(None, 60), 1).should_pause
    assert heat.update([], 2).should_pause
    assert not heat.update(pair(60, 60), 3).should_pause


def test_a_dead_sensor_neither_holds_a_pause_for_ever_nor_hides_another_hot_card() -> None:
    heat = CardsHeat()
    heat.update(pair(97, 60), 0)
    assert heat.must_pause(since=-180)
    heat.update(pair(None, 60), 200)
    assert heat.state.should_pause
    assert not heat.must_pause(since=20), "the card with the dead sensor stood still long enough"
    heat.update(pair(None, 97), 201)
    assert heat.must_pause(since=21), "the other one can be read, and is hot"
    heat.update([], 202)
    assert heat.must_pause(since=22)


def test_a_card_whose_name_cannot_be_read_any_more_is_the_same_card() -> None:
    heat = CardsHeat()
    assert heat.update([dataclasses.replace(card(97), uuid="GPU-1")], 0).should_pause
    assert not heat.update([card(40)], 1).should_pause


def test_another_limit_counts_from_the_next_reading_on() -> None:
    heat = CardsHeat(90)
    assert heat.update([card(76)], 0).level is HeatLevel.FINE
    heat.choose(75)
    assert heat.update([card(76)], 1).level is HeatLevel.PAUSE
    assert heat.update(pair(60, 76), 2).level is HeatLevel.PAUSE, "also for a card that comes later"
    heat.choose(None)
    assert heat.update([card(76)], 3).level is HeatLevel.FINE


def test_the_time_lost_is_that_of_the_slowest_card() -> None:
    heat = CardsHeat()
    heat.update([card(70), dataclasses.replace(card(70), index=1)], 0)
    slow = dataclasses.replace(card(84, clock=850, slowed=True), index=1)
    heat.update([card(84, clock=1360, slowed=True), slow], 60)
    assert heat.lost_seconds == pytest.approx(30)
    assert CardsHeat().lost_seconds == 0
