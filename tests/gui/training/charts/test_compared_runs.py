from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.project import Project, RunFolder
from gui.training.charts import compared_runs
from gui.training.charts.compared_runs import ComparedRuns
from tests.gui import scenes


@pytest.fixture
def project(tmp_path) -> Project:  # type: ignore[no-untyped-def]
    return Project.create(tmp_path / "Projekt ü 漢字")


@pytest.fixture
def run(project: Project) -> RunFolder:
    run = project.new_run("train")
    scenes.write_events(run, scenes.training_events(10, 40))
    return run


@pytest.fixture
def runs(qtbot: QtBot) -> Iterator[ComparedRuns]:
    made = ComparedRuns()
    yield made
    made.shut_down()


def steps(runs: ComparedRuns) -> dict[str, int]:
    return {name: view_model.step for name, view_model in runs.stories.items()}


def test_a_training_that_goes_on_grows(
    project: Project, run: RunFolder, runs: ComparedRuns, qtbot: QtBot
) -> None:
    runs.choose(project, [run.name])
    scenes.until(qtbot, lambda: steps(runs) == {"train-001": 10})
    view_model = runs.stories[run.name]
    scenes.write_events(run, scenes.training_events(5, 40, first=11))
    with qtbot.waitSignal(runs.changed):
        runs.look_now()
    assert steps(runs) == {"train-001": 15}
    assert runs.stories[run.name] is view_model, "its long beginning is not read again"
    assert list(view_model.raw.x) == [float(n) for n in range(1, 16)]


def test_it_looks_by_itself_only_while_something_is_chosen(
    project: Project, run: RunFolder, runs: ComparedRuns
) -> None:
    assert not runs._poller.is_active
    runs.choose(project, [run.name])
    assert runs._poller.is_active
    runs.choose(project, [])
    assert not runs._poller.is_active


def test_what_was_told_meanwhile_is_taken_in_pieces(
    project: Project,
    run: RunFolder,
    runs: ComparedRuns,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compared_runs, "_MOST_EVENTS", 12)
    runs.choose(project, [run.name])
    scenes.until(qtbot, lambda: steps(runs) == {"train-001": 10})
    scenes.write_events(run, scenes.training_events(10, 40, first=11))
    with qtbot.waitSignal(runs.changed):
        runs.look_now()
    assert 10 < runs.stories[run.name].step < 20
    scenes.until(qtbot, lambda: runs.look_now() or steps(runs) == {"train-001": 20})
    assert list(runs.stories[run.name].raw.x) == [float(n) for n in range(1, 21)]


def test_what_is_chosen_no_more_is_kept_and_what_is_forgotten_is_read_anew(
    project: Project, run: RunFolder, runs: ComparedRuns, qtbot: QtBot
) -> None:
    runs.choose(project, [run.name])
    scenes.until(qtbot, lambda: steps(runs) == {"train-001": 10})
    view_model = runs.stories[run.name]
    runs.choose(project, [])
    assert runs.stories == {}
    runs.choose(project, [run.name])
    assert runs.stories == {run.name: view_model}
    runs.forget(run.name)
    runs.choose(project, [run.name])
    scenes.until(qtbot, lambda: steps(runs) == {"train-001": 10})
    assert runs.stories[run.name] is not view_model
