import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.events import TrainStep
from core.project import Project
from tests.campaigns import cards
from tests.campaigns.cards import compare, held, newest
from tests.campaigns.forked_runs import Tally
from tests.campaigns.memory import losses


@pytest.mark.slow
def test_short_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["--ways", "one", "last-killed", "--steps", "9", "--keep", str(tmp_path)]
    code = cards.main(line)
    text = capsys.readouterr().out
    assert code == 0, text
    assert text.endswith("cases 2, failures 0\n")
    assert text.count("largest distance of a step's loss 0.0") == 2
    assert "killed: ended after 7 steps" in text and "training.card_lost" in text


def test_a_training_without_steps_is_a_failure(tmp_path: Path) -> None:
    project, tally = Project.create(tmp_path / "project"), Tally()
    one, other = project.new_run("train"), project.new_run("train")
    for folder in (one, other):
        folder.events_file.touch()
    compare(tally, "all", other, one)
    assert len(tally.failures) == 1
    assert "100.00% apart" in tally.failures[0]


def test_of_a_repeated_step_the_last_try_counts(tmp_path: Path) -> None:
    folder = Project.create(tmp_path / "project").new_run("train")
    events = [_step(1, 5.0), _step(2, 4.0), _step(2, 4.5), _step(3, 3.0)]
    folder.events_file.write_text("".join(event.model_dump_json() + "\n" for event in events))
    assert newest(losses(folder), folder) == [5.0, 4.5, 3.0]


def _step(number: int, loss: float) -> TrainStep:
    return TrainStep(
        step=number, total_steps=3, epoch=1.0, loss=loss, learning_rate=1e-4, grad_norm=1.0,
        tokens=10, trained_tokens=5, seconds=1.0, rows=(number,), row_losses=(loss,),
        row_tokens=(5,), seconds_left=None,
    )  # fmt: skip


def test_memory_of_a_family_counts_its_children() -> None:
    code = "import time; block = bytearray(200 << 20); print('ready', flush=True); time.sleep(60)"
    before = held(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        grown = held(os.getpid()) - before
        child.kill()
    assert grown > 200 << 20
