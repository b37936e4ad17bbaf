import math

import pytest

from core.events import Started, Telemetry
from core.hardware.system.energy import (
    EnergyMeter,
    Range,
    Usage,
    cost,
    cost_range,
    covers,
    forecast,
    kilowatt_hours,
    money,
    money_range,
    usage_of,
)


def test_a_night_at_340_watts_costs_62_cents() -> None:
    joules = 340 * 14 * 3600
    assert joules / 3_600_000 == pytest.approx(4.76)
    assert cost(joules, 0.13) == pytest.approx(0.6188)


def test_power_is_integrated_within_two_percent_of_the_truth() -> None:
    meter = EnergyMeter()
    for second in range(3601):
        meter.add(second, 250 + 80 * math.sin(second / 40), None)
    truth = 250 * 3600 + 80 * 40 * (1 - math.cos(3600 / 40))
    assert meter.joules == pytest.approx(truth, rel=0.001)


def test_the_counter_is_preferred() -> None:
    meter = EnergyMeter()
    meter.add(0, 100, 5000)
    meter.add(10, 100, 8000)
    assert meter.joules == 3000
    assert meter.seconds == 10


@pytest.mark.parametrize("counter", [0, 1e12, None])
def test_a_counter_that_jumps_or_vanishes_gives_way_to_the_power(counter: float | None) -> None:
    meter = EnergyMeter()
    meter.add(0, 100, 5000)
    meter.add(10, 300, counter)
    assert meter.joules == 2000
    meter.add(20, 300, None if counter is None else counter + 4000)
    assert meter.joules == (5000 if counter is None else 6000)


def test_nothing_is_invented() -> None:
    meter = EnergyMeter()
    meter.add(0, 100, None)
    meter.add(10, None, None)
    meter.add(20, 100, None)
    assert meter.joules is None
    assert meter.missed_seconds == 20
    meter.add(500, 100, None)
    assert meter.joules is None


def test_time_that_stands_still_or_goes_back_adds_nothing() -> None:
    meter = EnergyMeter()
    meter.add(10, 100, None)
    meter.add(10, 100, None)
    meter.add(5, 100, None)
    assert meter.joules is None


def test_forecast_multiplies_the_ends() -> None:
    joules = forecast(Range(200, 350), Range(3600, 7200))
    assert joules == Range(720_000, 2_520_000)
    price = cost_range(joules, 2.0)
    assert (price.low, price.high) == pytest.approx((0.4, 1.4))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0.05, "$", "$0.05"),
        (1.2, "€", "€1.20"),
        (12, "CHF", "12.00 CHF"),
        (0.001, "$", "under $0.01"),
        (0, "$", "$0.00"),
        (1234.5, "$", "$1234"),
    ],
)
def test_money_for_people(amount: float, currency: str, text: str) -> None:
    assert money(amount, currency) == text


def test_money_ranges() -> None:
    assert money_range(Range(0.05, 0.12), "$") == "$0.05 to $0.12"
    assert money_range(Range(0.001, 0.004), "$") == "under $0.01"


def test_energy_for_people() -> None:
    assert kilowatt_hours(36_000) == "10 Wh"
    assert kilowatt_hours(4.76 * 3_600_000) == "4.76 kWh"


def test_what_a_resumed_run_used_adds_its_children() -> None:
    start, nothing = Started(job="train"), Telemetry(at=5)
    first = [start, Telemetry(at=1, energy=10), Telemetry(at=3, energy=30)]
    assert usage_of(first) == Usage(30, 3)
    assert usage_of([*first, start]) == Usage(30, 3)
    second = [start, start, nothing, Telemetry(at=2, energy=5), nothing]
    assert usage_of([*first, *second]) == Usage(35, 5)
    assert usage_of([start, nothing, start]) is None


def test_the_rest_of_the_computer_counts_by_its_watts() -> None:
    assert Usage(300.0, 10.0).whole(80) == 1100
    assert Usage(300.0, 10.0).whole(0) == 300
    assert covers(0) == "graphics card only"
    assert covers(80) == "graphics card, and 80 W for the rest"
    assert covers(0, 0.985) == "graphics card only"
    assert covers(0, 0.815) == "graphics card only, known for 82% of the time"


def test_time_without_readings_is_remembered_over_children():
    def told(at, joules, missed):
        return Telemetry(at=at, energy=joules, energy_missed=missed)

    events = [told(10, 100, 0), told(40, 130, 24), Started(job="train"), told(60, 50, 1)]
    used = usage_of(events)
    assert used == Usage(180, 100, 25)
    assert used.measured == 0.75
    assert Usage(5, 0).measured == 1
