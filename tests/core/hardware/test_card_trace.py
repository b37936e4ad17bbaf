import io
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest

from core.errors import UserFacingError
from core.hardware.cards.reader import CardReader
from core.hardware.system.energy import EnergyMeter
from core.hardware.thermal.heat import HeatGuard, HeatLevel
from tests.core.hardware.card_trace import RecordingNvml, ReplayNvml, main, read_trace, record
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.hardware.heat_readings import ThermalCard

# An H100 recorded by tests.campaigns.card_guard: idle, training, a pause, braked to 286 W.
H100 = Path(__file__).with_name("h100.jsonl")


def recorded(tmp_path: Path, fake: FakeNvml) -> Path:
    """Record three rounds, however long each takes."""
    path, over = tmp_path / "Spur ü.jsonl", threading.Event()

    def count() -> int:
        if fake.calls.count("nvmlDeviceGetCount") == 3:
            over.set()
        return fake.cards

    fake.faults["nvmlDeviceGetCount"] = count
    with path.open("w", encoding="utf-8") as stream:
        assert record(stream, 60, 0.001, fake, over) == 3
    return path


def test_playing_back_reads_the_same_card(tmp_path: Path) -> None:
    fake = FakeNvml(throttle_bits=0x20, temperature=86)
    path = recorded(tmp_path, fake)
    with CardReader(fake) as reader:
        real = reader.read().cards[0]
    with CardReader(ReplayNvml(read_trace(path))) as reader:  # type: ignore[arg-type]
        played = reader.read().cards[0]
    assert played.uuid == ""
    assert played.other_processes == ()
    for name in (
        "temperature",
        "power",
        "energy",
        "clock",
        "throttle",
        "fan",
        "memory_free",
        "memory_temperature",
        "slowdown_at",
        "power_limit_range",
        "utilisation",
        "name",
    ):
        assert getattr(played, name) == getattr(real, name), name  # fmt: skip


def test_refusals_are_played_back_as_refusals(tmp_path: Path) -> None:
    gone = pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
    path = recorded(tmp_path, FakeNvml(faults={"nvmlDeviceGetFanSpeed": gone}))
    with CardReader(ReplayNvml(read_trace(path))) as reader:  # type: ignore[arg-type]
        card = reader.read().cards[0]
    assert card.fan is None
    assert card.temperature == 61


def test_rounds_follow_each_other_and_the_last_one_stays(tmp_path: Path) -> None:
    rounds = read_trace(recorded(tmp_path, FakeNvml()))
    replay = ReplayNvml(rounds)
    assert [replay.advance() for _ in rounds] == [True] * (len(rounds) - 1) + [False]
    assert replay.current == rounds[-1]
    assert [r.at for r in rounds] == sorted(r.at for r in rounds)


def test_nothing_private_is_recorded(tmp_path: Path) -> None:
    game = [SimpleNamespace(pid=999_999_999, usedGpuMemory=1 << 32)]
    fake = FakeNvml(faults={"nvmlDeviceGetGraphicsRunningProcesses": game})
    text = recorded(tmp_path, fake).read_text(encoding="utf-8")
    assert "GPU-0000" not in text
    assert "999999999" not in text


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "other"}', "text"])
def test_a_damaged_trace_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserFacingError) as caught:
        read_trace(path)
    assert caught.value.code == "trace.damaged"


def test_command_records_even_without_a_card(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    assert main([str(path), "--seconds", "0.5"]) == 0
    assert len(read_trace(path)) == 1
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["format"].endswith(
        "trace 1"
    )


def test_a_stream_is_enough() -> None:
    stream = io.StringIO()
    record(stream, 0.5, 1.0, FakeNvml(cards=2))
    answers = json.loads(stream.getvalue().splitlines()[1])["answers"]
    assert answers["nvmlDeviceGetTemperature(card1, 0)"] == 61


def heat_curve(path: Path) -> list[tuple[float, float]]:
    """Record a simulated card that heats up, is left to cool, and heats up again.

    Returns:
        Time and power of each round.
    """
    fake, thermal, powers = FakeNvml(), ThermalCard(degrees_per_watt=0.22, temperature=60), []
    recording = RecordingNvml(fake)
    lines = ['{"format": "homelab-tuner card trace 1"}\n']
    with CardReader(recording) as reader:  # type: ignore[arg-type]
        for second in range(900):
            thermal.advance(1.0, 0.0 if 400 <= second < 600 else 1.0)
            fake.temperature, fake.power_milliwatts = (
                round(thermal.temperature),
                thermal.watts * 1e3,
            )
            fake.energy_millijoules += round(thermal.watts * 1000)
            fake.throttle_bits = 0x20 if thermal.temperature > 88 else 0
            reader.read()
            lines.append(recording.round(float(second)))
            powers.append((float(second), thermal.watts))
    path.write_text("".join(lines), encoding="utf-8")
    return powers


def test_a_replayed_heat_curve_warns_pauses_and_resumes(tmp_path: Path) -> None:
    path = tmp_path / "heat.jsonl"
    powers = heat_curve(path)
    rounds = read_trace(path)
    replay, guard, counted, integrated = (
        ReplayNvml(rounds),
        HeatGuard(),
        EnergyMeter(),
        EnergyMeter(),
    )
    states: list[tuple[float, HeatLevel, bool]] = []
    with CardReader(replay) as reader:
        for moment in rounds:
            card = reader.read().cards[0]
            state = guard.update(card, moment.at)
            states.append((moment.at, state.level, state.should_pause))
            counted.add(moment.at, card.power, card.energy)
            integrated.add(moment.at, card.power, None)
            replay.advance()
    levels = [level for _, level, _ in states]
    assert (
        levels.index(HeatLevel.FINE) < levels.index(HeatLevel.WARM) < levels.index(HeatLevel.PAUSE)
    )
    began = next(at for at, _, pause in states if pause)
    first_hot = next(at for at, level, _ in states if level is HeatLevel.PAUSE)
    assert began - first_hot <= 10
    resumed = next(at for at, _, pause in states if at > began and not pause)
    assert 400 < resumed < 600
    truth = sum(watts for _, watts in powers[1:])
    assert counted.joules == pytest.approx(truth, rel=0.02)
    assert integrated.joules == pytest.approx(truth, rel=0.02)


def test_field_values_of_the_real_library_are_recorded() -> None:
    fields = (pynvml.c_nvmlFieldValue_t * 1)()
    fields[0].valueType, fields[0].value.uiVal = pynvml.NVML_VALUE_TYPE_UNSIGNED_INT, 71
    fake = FakeNvml()
    fake.nvmlDeviceGetFieldValues = lambda *_: fields  # type: ignore[method-assign]
    stream = io.StringIO()
    record(stream, 0.5, 1.0, fake)
    answers = json.loads(stream.getvalue().splitlines()[1])["answers"]
    (found,) = [value for key, value in answers.items() if "FieldValues" in key]
    assert found[0]["value"]["uiVal"] == 71


def test_a_real_card_is_read_paused_and_let_go_on() -> None:
    rounds = read_trace(H100)
    replay, guard = ReplayNvml(rounds), HeatGuard(60.0, hysteresis=2.0)
    states: list[tuple[float, float, bool]] = []
    with CardReader(replay) as reader:  # type: ignore[arg-type]
        for moment in rounds:
            card = reader.read().cards[0]
            assert card.temperature is not None
            pausing = guard.update(card, moment.at).should_pause
            states.append((moment.at, card.temperature, pausing))
            replay.advance()
    assert (card.slowdown_at, card.shutdown_at) == (89, 95)
    first_hot = next(at for at, degrees, _ in states if degrees >= 60)
    began = next(at for at, _, pausing in states if pausing)
    assert first_hot < began <= first_hot + 10
    resumed, degrees, _ = next(s for s in states if s[0] > began and not s[2])
    assert degrees <= 58
    assert resumed < 90, "the recorded pause cools the card below the limit"


def test_a_real_cards_counter_and_power_agree() -> None:
    rounds = read_trace(H100)
    replay, counted, integrated = ReplayNvml(rounds), EnergyMeter(), EnergyMeter()
    with CardReader(replay) as reader:  # type: ignore[arg-type]
        for moment in rounds:
            card = reader.read().cards[0]
            counted.add(moment.at, None, card.energy)
            integrated.add(moment.at, card.power, None)
            replay.advance()
    assert counted.joules == pytest.approx(37_000, rel=0.02)
    assert integrated.joules == pytest.approx(counted.joules, rel=0.02)
