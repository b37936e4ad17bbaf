import dataclasses
import threading

import pynvml
import pytest

from core.hardware.cards.reader import Card, CardReader, Throttle, read_cards
from tests.core.hardware.fake_nvml import READINGS, FakeNvml, every_error


def first_card(fake: FakeNvml) -> Card:
    return read_cards(fake).cards[0]


def test_reads_everything_a_card_tells() -> None:
    card = first_card(FakeNvml(throttle_bits=0x20 | 0x4))
    assert card == Card(
        index=0,
        name="NVIDIA GeForce RTX 3090",
        uuid="GPU-00000001",
        driver="580.95.05",
        compute_capability=(8, 6),
        memory_total=24 << 30,
        memory_free=22 << 30,
        temperature=61,
        memory_temperature=78,
        slowdown_at=93,
        shutdown_at=98,
        power=300,
        power_limit=350,
        power_limit_default=350,
        power_limit_range=(100, 366),
        energy=1000,
        clock=1695,
        clock_max=2100,
        throttle=frozenset({Throttle.HEAT, Throttle.POWER_LIMIT}),
        fan=55,
        utilisation=97,
        other_processes=card.other_processes,
    )
    assert card.memory_used == 2 << 30
    assert card.slowed_by_heat is True
    assert [p.memory for p in card.other_processes] == [5]


def test_each_reading_fails_by_itself() -> None:
    whole = dataclasses.asdict(first_card(FakeNvml()))
    vital = {"nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"}
    for name in set(READINGS) - vital:
        for error in every_error():
            card = dataclasses.asdict(first_card(FakeNvml(faults={name: error})))
            lost = {key for key in whole if card[key] != whole[key]}
            assert len(lost) <= 2, (name, error, lost)


@pytest.mark.parametrize("rubbish", [-1e9, 1e30, float("nan"), "text", b"\xff", True, [], object()])
def test_rubbish_becomes_none_or_empty(rubbish: object) -> None:
    vital = {"nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"}
    card = first_card(FakeNvml(faults=dict.fromkeys(set(READINGS) - vital, rubbish)))
    numbers = dataclasses.asdict(card)
    for key in ("index", "name", "uuid", "driver", "other_processes"):
        numbers.pop(key)
    assert set(numbers.values()) == {None}


def test_thresholds_of_newer_cards_come_from_the_margin() -> None:
    gone = pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
    card = first_card(FakeNvml(faults={"nvmlDeviceGetTemperatureThreshold": gone}))
    assert (card.slowdown_at, card.shutdown_at, card.target) == (95, 98, 93)


@pytest.mark.parametrize(
    ("gpu_max", "acoustic", "target"),
    [
        (None, None, None),
        (93, None, 93),
        (93, 83, 83),
        (None, 83, 83),
        (93, 60, 93),
        (900, -1, None),
    ],
)
def test_the_lowest_sensible_target_counts(
    gpu_max: int | None, acoustic: int | None, target: float | None
) -> None:
    card = first_card(FakeNvml(gpu_max=gpu_max, acoustic=acoustic))
    assert (card.target, card.slowdown_at) == (target, 93)


@pytest.mark.parametrize(
    ("bits", "reasons"),
    [
        (0x8, {Throttle.PROTECTION}),
        (0x8 | 0x40, {Throttle.HEAT}),
        (0x8 | 0x80, {Throttle.POWER_SUPPLY}),
        (0x8 | 0x4, {Throttle.PROTECTION, Throttle.POWER_LIMIT}),
        (0x1, set()),
    ],
)
def test_a_slowdown_by_hardware_is_told_where_its_cause_is_not(
    bits: int, reasons: set[Throttle]
) -> None:
    assert first_card(FakeNvml(throttle_bits=bits)).throttle == reasons


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "No NVIDIA"),
        (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "updated"),
        (pynvml.NVML_ERROR_GPU_IS_LOST, "stopped responding"),
        (pynvml.NVML_ERROR_NO_PERMISSION, "permission to use"),
    ],
)
def test_no_library_is_said_in_plain_words(code: int, word: str) -> None:
    report = read_cards(FakeNvml(faults={"nvmlInit": pynvml.NVMLError(code)}))
    assert not report
    assert word in report.reason


def test_no_card_at_all() -> None:
    assert "No NVIDIA" in read_cards(FakeNvml(cards=0)).reason
    lost = pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
    report = read_cards(FakeNvml(faults={"nvmlDeviceGetHandleByIndex": lost}))
    assert "does not respond" in report.reason


def test_a_driver_that_hangs_is_given_up() -> None:
    release = threading.Event()
    report = read_cards(FakeNvml(faults={"nvmlDeviceGetPowerUsage": release.wait}), timeout=0.2)
    assert "does not respond" in report.reason
    release.set()


def test_reader_opens_once_and_again_after_a_failure() -> None:
    fake = FakeNvml()
    with CardReader(fake) as reader:
        assert reader.read() and reader.read()
        assert fake.calls.count("nvmlInit") == 1
        fake.faults["nvmlDeviceGetCount"] = pynvml.NVMLError(pynvml.NVML_ERROR_UNKNOWN)
        assert not reader.read()
        fake.faults.clear()
        assert reader.read()
        assert fake.calls.count("nvmlInit") == 2
    assert fake.opened == 0


def test_this_machine_is_read_without_a_fault() -> None:
    report = read_cards()
    assert bool(report.cards) != bool(report.reason)
