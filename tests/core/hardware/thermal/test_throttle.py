import pytest

from core.hardware.thermal.throttle import DutyThrottle, ThrottleTarget
from tests.core.hardware.heat_readings import ThermalCard


def settle(throttle: DutyThrottle, card: ThermalCard, seconds: int) -> list[float]:
    """Let the throttle and the card work together; return the temperature of each second."""
    temperatures = []
    for second in range(seconds):
        card.advance(1.0, throttle.update(second, card.temperature, card.watts))
        temperatures.append(card.temperature)
    return temperatures


@pytest.mark.parametrize("target", [60.0, 70.0, 76.0])
@pytest.mark.parametrize("time_constant", [30.0, 80.0, 200.0])
@pytest.mark.parametrize("degrees_per_watt", [0.16, 0.19, 0.25])
def test_holds_a_temperature_within_two_degrees(
    target: float, time_constant: float, degrees_per_watt: float
) -> None:
    card = ThermalCard(time_constant=time_constant, degrees_per_watt=degrees_per_watt)
    reachable = card.ambient + degrees_per_watt * card.full_watts
    held = settle(DutyThrottle(ThrottleTarget(temperature=target)), card, 1800)[900:]
    wanted = min(target, reachable)
    assert max(abs(temperature - wanted) for temperature in held) < 2


def test_does_not_overshoot_on_the_way_up() -> None:
    temperatures = settle(DutyThrottle(ThrottleTarget(temperature=70)), ThermalCard(), 1800)
    assert max(temperatures) < 73


def test_a_room_that_warms_up_is_compensated() -> None:
    throttle, card = DutyThrottle(ThrottleTarget(temperature=70)), ThermalCard()
    settle(throttle, card, 900)
    before = throttle.duty
    card.ambient = 35
    for second in range(900, 2400):
        card.advance(1.0, throttle.update(second, card.temperature, card.watts))
    assert throttle.duty < before
    assert card.temperature == pytest.approx(70, abs=1)


def test_holds_a_mean_power() -> None:
    throttle, card = DutyThrottle(ThrottleTarget(watts=200)), ThermalCard()
    settle(throttle, card, 300)
    assert card.watts == pytest.approx(200, rel=0.03)


def test_a_cool_card_is_not_held_back() -> None:
    throttle = DutyThrottle(ThrottleTarget(temperature=90))
    settle(throttle, ThermalCard(), 900)
    assert throttle.duty == 1.0
    assert throttle.rest_after(3.0) == 0.0


def test_missing_readings_change_nothing() -> None:
    throttle = DutyThrottle(ThrottleTarget(temperature=50, watts=100))
    settle(throttle, ThermalCard(), 200)
    before = throttle.duty
    for second in range(200, 260):
        assert throttle.update(second, None, None) == before


def test_rests_follow_the_share_and_are_limited() -> None:
    throttle = DutyThrottle(ThrottleTarget(temperature=20))
    for second in range(2000):
        throttle.update(second, 95, None)
    assert throttle.duty == pytest.approx(0.1)
    assert throttle.rest_after(1.0) == pytest.approx(9.0)
    assert throttle.rest_after(1000.0) == 20.0


def test_no_target_no_brake() -> None:
    assert not ThrottleTarget()
    assert ThrottleTarget(watts=200)
    assert DutyThrottle(ThrottleTarget()).update(0, 95, 400) == 1.0
