import argparse
import io
import threading
import time
from pathlib import Path

import pytest

from core.hardware.trace import record
from core.jobs.events import StateChanged, TrainStep
from core.jobs.link import Request
from core.project import RunFolder
from tests.campaigns import card_guard
from tests.campaigns.card_guard import Bench, attempt, energy, phase_link, readings
from tests.campaigns.card_project import make_project
from tests.core.hardware.live_card import LiveCard
from tests.core.hardware.thermal import ThermalCard
from tests.core.training.conftest import TINY


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    card = LiveCard(ThermalCard(time_constant=0.2))
    return Bench(tmp_path, card, card.sleep, time.monotonic() + 60, began=time.monotonic())


def record_pieces(bench: Bench, *busy: bool) -> None:
    """Record 0.3 s each of work or idleness."""
    stream, over = io.StringIO(), threading.Event()
    arguments = (stream, 60, 0.01, bench.library, over)
    thread = threading.Thread(target=record, args=arguments)
    thread.start()
    for piece in busy:
        bench.library.work(piece)
        time.sleep(0.3)
    over.set()
    thread.join()
    (bench.out / "trace.jsonl").write_text(stream.getvalue() + '{"at": 9, "ans', encoding="utf-8")


def test_a_model_and_conversations_are_made_without_the_internet(tmp_path: Path) -> None:
    from core.models.inspection import inspect_model

    folder, params = make_project(tmp_path, "tiny", tmp_path / "no tokenizer", TINY, 12)
    assert folder.config_file.is_file()
    assert inspect_model(Path(params["base_model"])).shape.layers == 2


def test_counter_and_integrated_power_are_compared(bench: Bench) -> None:
    record_pieces(bench, True)
    found = energy(bench, bench.began, time.monotonic())
    assert found["counter_watts"] == pytest.approx(340, rel=0.1)
    assert abs(found["integrated_to_counter_percent"]) < 10
    assert len(readings(bench)) > 5


def test_a_pause_is_found_in_the_cards_own_power(bench: Bench) -> None:
    bench.library.thermal.temperature = 90
    record_pieces(bench, True, False, True)
    folder = RunFolder(bench.out)
    bench.run = argparse.Namespace(link=phase_link(folder))
    step = TrainStep(step=1, total_steps=9, epoch=0.1, loss=1, learning_rate=1, grad_norm=1,
                     tokens=1, trained_tokens=1, seconds=1)  # fmt: skip
    bench.run.link.heard = [
        (bench.began + 0.3, StateChanged(state="paused")),
        (bench.began + 0.6, StateChanged(state="running")),
        (bench.began + 0.7, step),
    ]
    found = card_guard._pause(bench, bench.began, limit=80)
    assert found["resumed"]
    assert found["pause_seconds"] == pytest.approx(0.3, abs=0.01)
    assert found["seconds_above_limit_before_pause"] <= 0.31
    assert found["celsius_at_resume"] < 80


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
