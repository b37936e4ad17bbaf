import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import psutil
import pynvml
import pytest

from core.events import Event, Notice, Telemetry
from core.hardware.thermal import telemetry as telemetry_module
from core.hardware.thermal.telemetry import TelemetryThread
from tests.core.hardware.fake_nvml import FakeNvml


class Collected:
    """Keeps the events; ``fault`` is raised instead when it is set."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.fault: Exception | None = None

    def emit(self, event: Event) -> None:
        if self.fault:
            raise self.fault
        self.events.append(event)

    def readings(self) -> list[Telemetry]:
        return [event for event in self.events if isinstance(event, Telemetry)]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "did not happen within 60 s"
        time.sleep(0.005)


def wait_for_readings(link: Collected, more: int) -> None:
    count = len(link.readings())
    wait_for(lambda: len(link.readings()) >= count + more)


@contextmanager
def running(link: Collected, fake: FakeNvml) -> Iterator[TelemetryThread]:
    with TelemetryThread(link, period=0.01, library=fake) as telemetry:
        yield telemetry


def test_a_reading_has_card_and_machine() -> None:
    link = Collected()
    with running(link, FakeNvml()):
        wait_for(link.readings)
    reading = link.readings()[0]
    assert (reading.card, reading.temperature, reading.power) == (
        "NVIDIA GeForce RTX 3090",
        61,
        300,
    )
    assert (reading.memory_used, reading.memory_total) == (2 << 30, 24 << 30)
    assert (reading.warn_at, reading.pause_at, reading.slowdown_at) == (83, 91, 93)
    assert (reading.clock, reading.fan, reading.memory_temperature) == (1695, 55, 78)
    assert (reading.power_limit, reading.lost_seconds) == (350, 0)
    assert reading.throttled is False
    assert reading.ram_used is not None and reading.cpu_percent is not None


def test_without_a_card_the_machine_is_still_read() -> None:
    link = Collected()
    gone = pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)
    with running(link, FakeNvml(faults={"nvmlInit": gone})) as telemetry:
        wait_for(link.readings)
    reading = link.readings()[0]
    assert (reading.card, reading.temperature, reading.energy) == ("", None, None)
    assert reading.ram_used is not None and reading.ram_own is not None
    assert 0 < reading.ram_own < reading.ram_used, "other programs do not count"
    assert telemetry.energy_joules is None


def test_energy_follows_the_counter() -> None:
    link, fake = Collected(), FakeNvml()
    with running(link, fake) as telemetry:
        wait_for(link.readings)
        fake.energy_millijoules += 5_000
        wait_for(lambda: telemetry.energy_joules)
    assert telemetry.energy_joules == pytest.approx(5)
    assert telemetry.mean_watts is not None and telemetry.mean_watts > 0


def test_stop_silences_a_hanging_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry_module, "_STOP_SECONDS", 0.1)
    link, fake, release = Collected(), FakeNvml(), threading.Event()
    fake.faults["nvmlDeviceGetPowerUsage"] = release.wait
    with running(link, fake) as telemetry:
        wait_for(lambda: "nvmlDeviceGetPowerUsage" in fake.calls)
    release.set()
    wait_for(lambda: not telemetry._thread.is_alive())
    assert link.events == []


def test_a_full_disk_does_not_end_the_readings() -> None:
    link = Collected()
    link.fault = OSError(28, "No space left on device")
    with running(link, FakeNvml()) as telemetry:
        wait_for(lambda: telemetry.faults > 2)
        link.fault = None
        wait_for(link.readings)
    assert telemetry.latest is not None


def test_a_card_that_vanishes_and_comes_back() -> None:
    link, fake = Collected(), FakeNvml()
    with running(link, fake):
        wait_for(link.readings)
        fake.faults["nvmlDeviceGetHandleByIndex"] = pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
        wait_for(lambda: link.readings()[-1].card == "")
        fake.faults.clear()
        wait_for(lambda: link.readings()[-1].card != "")


def test_warmth_is_said_once_and_its_end_too() -> None:
    link, fake = Collected(), FakeNvml(temperature=86, throttle_bits=0x20)
    with running(link, fake):
        wait_for(lambda: len(codes(link)) == 1)
        wait_for_readings(link, 5)
        fake.temperature, fake.throttle_bits = 60, 0
        wait_for(lambda: len(codes(link)) == 2)
        wait_for_readings(link, 5)
    notices = [event for event in link.events if isinstance(event, Notice)]
    assert [(n.code, n.level) for n in notices] == [
        ("heat.slowed", "warning"),
        ("heat.fine", "info"),
    ]
    assert "slowing itself down" in notices[0].text
    assert notices[0].todo.endswith("-pl 280")
    assert notices[1].todo == ""


def test_what_comes_before_a_round_cannot_end_the_readings() -> None:
    link, called = Collected(), []

    def fail() -> None:
        called.append(1)
        raise RuntimeError

    telemetry = TelemetryThread(link, 0.005, FakeNvml())
    telemetry.before_round = fail
    with telemetry:
        wait_for(lambda: len(link.readings()) > 2)
    assert len(called) >= 3
    assert telemetry.faults == 0


def test_another_card_by_its_uuid() -> None:
    link = Collected()
    with TelemetryThread(link, 0.01, FakeNvml(cards=2), cards=["GPU-00000002"]) as telemetry:
        wait_for(link.readings)
    assert telemetry.latest is not None and telemetry.latest.card is not None
    assert telemetry.latest.card.index == 1
    assert telemetry.age is not None and telemetry.age >= 0


def test_a_single_card_is_found_though_its_uuid_is_written_otherwise() -> None:
    link = Collected()
    with TelemetryThread(link, 0.01, FakeNvml(), cards=["GPU-other-spelling"]):
        wait_for(link.readings)
    assert link.readings()[0].card != ""


def test_two_cards_are_read_as_one() -> None:
    link, fake = Collected(), FakeNvml(cards=2, throttle_bits=0x4)
    with TelemetryThread(link, 0.01, fake, cards=[0, 1]):
        wait_for(lambda: len(link.readings()) > 3)
    reading = link.readings()[0]
    assert reading.card == "2 × NVIDIA GeForce RTX 3090"
    assert (reading.power, reading.throttle) == (600, ("power limit",))


def test_a_training_on_the_processor_reads_no_card() -> None:
    link = Collected()
    with TelemetryThread(link, 0.01, FakeNvml(), cards=()):
        wait_for(link.readings)
    reading = link.readings()[0]
    assert (reading.card, reading.power, reading.energy) == ("", None, None)
    assert reading.ram_used


def test_another_program_on_the_card_is_named_once() -> None:
    link, fake = Collected(), FakeNvml()
    me = psutil.Process()
    others = [SimpleNamespace(pid=me.ppid(), usedGpuMemory=5), SimpleNamespace(pid=me.pid)]
    fake.faults["nvmlDeviceGetComputeRunningProcesses"] = lambda: others
    with running(link, fake):
        wait_for(lambda: len(link.readings()) > 5)
    notices = [event for event in link.events if isinstance(event, Notice)]
    parent = psutil.Process(me.ppid()).name()
    assert [n.text for n in notices] == [f"The card is also used by “{parent}”."]
    assert link.readings()[-1].others == 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def codes(link: Collected) -> list[str]:
    return [event.code for event in link.events if isinstance(event, Notice)]


def test_a_card_that_cannot_be_read_any_more_is_said_and_its_return_too() -> None:
    link, fake, clock = Collected(), FakeNvml(), Clock()
    with TelemetryThread(link, 0.005, fake, clock=clock):
        wait_for(link.readings)
        fake.faults["nvmlInit"] = pynvml.NVMLError(pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH)
        fake.faults["nvmlDeviceGetCount"] = pynvml.NVMLError(pynvml.NVML_ERROR_UNKNOWN)
        wait_for(lambda: link.readings()[-1].card == "")
        assert link.readings()[-1].cards == 1, "a card trains, though it cannot be read"
        clock.now += 12
        wait_for(lambda: codes(link) == ["card.unreadable"])
        fake.faults.clear()
        wait_for(lambda: codes(link) == ["card.unreadable", "card.readable"])


def test_a_round_that_hangs_is_said_by_whoever_looks() -> None:
    link, fake, clock, release = Collected(), FakeNvml(), Clock(), threading.Event()
    with TelemetryThread(link, 0.005, fake, clock=clock) as telemetry:
        wait_for(link.readings)
        fake.faults["nvmlDeviceGetPowerUsage"] = release.wait
        fake.calls.clear()
        wait_for(lambda: "nvmlDeviceGetPowerUsage" in fake.calls)
        clock.now += 31
        telemetry.look()
        telemetry.look()
        assert codes(link) == ["card.silent"]
        fake.faults.clear()
        release.set()
        wait_for(lambda: codes(link)[1:] == ["card.readable"])


def test_a_training_on_the_processor_is_never_called_blind() -> None:
    link, clock = Collected(), Clock()
    with TelemetryThread(link, 0.005, FakeNvml(), cards=(), clock=clock) as telemetry:
        wait_for(link.readings)
        clock.now += 100
        telemetry.look()
        count = len(link.readings())
        wait_for(lambda: len(link.readings()) > count + 1)
    assert codes(link) == []
    assert link.readings()[0].cards == 0


def test_one_sensor_of_two_that_dies_is_told() -> None:
    link, fake, clock = Collected(), FakeNvml(cards=2), Clock()
    answers = iter([60, None])
    with TelemetryThread(link, 0.005, fake, cards=[0, 1], clock=clock):
        wait_for(link.readings)
        fake.faults["nvmlDeviceGetTemperature"] = lambda: next(answers, None)
        count = len(link.readings())
        wait_for(lambda: len(link.readings()) > count + 2)
        clock.now += 12
        wait_for(lambda: codes(link) == ["card.unreadable"])


def test_two_hot_cards_each_have_their_advice() -> None:
    link, fake = Collected(), FakeNvml(cards=2, temperature=86)
    with TelemetryThread(link, 0.005, fake, cards=[0, 1]):
        wait_for(lambda: codes(link))
    (notice,) = [event for event in link.events if isinstance(event, Notice)][:1]
    assert "-i 0 -pl 280; " in notice.todo
    assert notice.todo.endswith("-i 1 -pl 280")
