from __future__ import annotations

from pathlib import Path

from core.events import Progress, TrainStep, to_line
from core.library.overview import read_curve, read_overview
from core.project import Project
from core.wizard import Step


def step(number: int) -> TrainStep:
    return TrainStep(
        at=number, step=number, total_steps=1000, epoch=1, loss=1000 - number, learning_rate=1e-4,
        grad_norm=1, tokens=10, trained_tokens=5, seconds=1,
    )  # fmt: skip


def test_a_new_project_has_no_result_and_no_curve(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "lamps ü", "Lamps")
    found = read_overview(project.root)
    assert found is not None
    assert (found.name, found.result, found.curve) == ("Lamps", None, ())
    assert found.step is Step.EXAMPLES


def test_the_curve_is_read_in_places_and_in_order(tmp_path: Path) -> None:
    run = Project.create(tmp_path / "lamps").new_run("train")
    lines = [to_line(step(number)) for number in range(1, 1001)]
    noise = to_line(Progress(phase="Reading", done=1, total=2, unit="rows"))
    lines = [text for line in lines for text in (line, noise)]
    run.events_file.write_text("\n".join(line.strip() for line in lines) + "\n", "utf-8")
    curve = read_curve(run)
    assert 30 < len(curve) <= 60
    assert list(curve) == sorted(curve, reverse=True)
    assert curve[0] > 980
    assert curve[-1] < 40


def test_what_is_no_project_is_none(tmp_path: Path) -> None:
    assert read_overview(tmp_path / "gone") is None
    (tmp_path / "odd").mkdir()
    assert read_overview(tmp_path / "odd") is None


def test_a_damaged_history_gives_no_curve(tmp_path: Path) -> None:
    run = Project.create(tmp_path / "lamps").new_run("train")
    run.events_file.write_bytes(b"\xff\x00 nonsense \n" * 500)
    assert read_curve(run) == ()
