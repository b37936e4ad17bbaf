import argparse
import json
import math
from pathlib import Path

import pytest

from core.events import StateChanged, TrainStep
from core.hardware.cards.reader import CardReader
from core.jobs.link import Request
from core.project import RunFolder
from tests.campaigns import card_guard
from tests.campaigns.card_guard import Bench, attempt, energy, phase_link, readings
from tests.campaigns.card_project import make_project
from tests.core.hardware.card_trace import RecordingNvml
from tests.core.hardware.heat_readings import ThermalCard
from tests.core.hardware.live_card import LiveCard
from tests.core.training.conftest import TINY


class Clock:
    """Seconds that pass only when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(tmp_path: Path, clock: Clock) -> Bench:
    card = LiveCard(ThermalCard(time_constant=20.0), clock)
    return Bench(tmp_path, card, card.sleep, deadline=math.inf)


def record_pieces(bench: Bench, clock: Clock, *busy: bool) -> None:
    """Record 30 s each of work or idleness, a round a second, and what a crash would leave."""
    recording = RecordingNvml(bench.library)
    with (bench.out / "trace.jsonl").open("w", encoding="utf-8") as stream:
        stream.write(json.dumps({"format": "homelab-tuner card trace 1"}) + "\n")
        with CardReader(recording) as reader:
            for piece in busy:
                bench.library.work(piece)
                for _ in range(30):
                    clock.now += 1
                    reader.read()
                    stream.write(recording.round(clock.now))
        stream.write('{"at": 9, "ans')


def test_a_model_and_conversations_are_made_without_the_internet(tmp_path: Path) -> None:
    from core.models.inspection import inspect_model

    folder, params = make_project(tmp_path, "tiny", tmp_path / "no tokenizer", TINY, 12)
    assert folder.config_file.is_file()
    assert inspect_model(Path(params.base_model)).shape.layers == 2


def test_counter_and_integrated_power_are_compared(bench: Bench, clock: Clock) -> None:
    record_pieces(bench, clock, True)
    found = energy(bench, bench.began, clock.now)
    assert found["counter_watts"] == found["integrated_watts"] == 340
    assert found["integrated_to_counter_percent"] == 0
    assert [at for at, _ in readings(bench)] == list(range(1, 31))


def test_counter_and_integrated_power_differ_where_a_change_falls_between_two_readings(
    bench: Bench, clock: Clock
) -> None:
    record_pieces(bench, clock, True, False)
    found = energy(bench, bench.began, clock.now)
    assert found["counter_joules"] == 29 * 340 + 30 * 30
    assert found["integrated_joules"] == found["counter_joules"] + (340 - 30) / 2


def test_a_pause_is_found_in_the_cards_own_power(bench: Bench, clock: Clock) -> None:
    bench.library.thermal.temperature = 90
    record_pieces(bench, clock, True, False, True)
    folder = RunFolder(bench.out)
    bench.run = argparse.Namespace(link=phase_link(folder))
    step = TrainStep(step=1, total_steps=9, epoch=0.1, loss=1, learning_rate=1, grad_norm=1,
                     tokens=1, trained_tokens=1, seconds=1)  # fmt: skip
    bench.run.link.heard = [
        (30.5, StateChanged(state="paused")),
        (60.5, StateChanged(state="running")),
        (70.0, step),
    ]
    found = card_guard._pause(bench, bench.began, limit=80)
    assert found["resumed"]
    assert found["pause_seconds"] == 30
    assert found["seconds_above_limit_before_pause"] == 29.5
    assert found["celsius_at_resume"] < 60
    assert found["watts_before"] == [340] * 4
    assert found["watts_paused"] == [30] * 28
    assert found["watts_after"] == [340] * 4


def test_a_phase_ends_when_its_time_is_over(tmp_path: Path) -> None:
    link = phase_link(RunFolder(tmp_path))
    assert link.request() is Request.RUN
    link.over = lambda: True
    assert link.request() is Request.STOP


def test_a_part_that_fails_is_kept_and_the_next_goes_on(bench: Bench) -> None:
    assert not attempt(bench, "free", lambda: 1 / 0)
    assert "ZeroDivisionError" in (bench.out / "figures.json").read_text(encoding="utf-8")
    assert attempt(bench, "brake", lambda: card_guard.brake_phase(bench, 1.0))
    assert bench.figures["brake"]["skipped"]
