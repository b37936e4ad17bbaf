from __future__ import annotations

from pathlib import Path

import pytest

from core.config.training import TrainingConfig, load_config, save_config
from core.errors import UserFacingError
from core.events import Failed, Finished, HealthVerdict
from core.project import Project, RunFolder
from core.storage.files import read_json, write_json
from gui.training.suggested_action import Remedy, remedy_for, retried
from gui.training.view_model import TrainingStory
from tests.gui.scenes import training_events

DIVERGED = Failed(code="training.diverged", what="It diverged.", todo="Retry?")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = Project.create(tmp_path / "Projekt ü").new_run("train")
    save_config(TrainingConfig(learning_rate=1e-3), run.config_file)
    write_json(
        run.job_file, {"kind": "train", "params": {"base_model": "x", "dataset_version": "v"}}
    )
    return run


def told(level: str, code: str, settings: dict[str, float], *after: object) -> TrainingStory:
    story = TrainingStory()
    health = HealthVerdict(
        level=level, code=f"training.{code}", step=5, text="a", settings=settings
    )  # type: ignore[arg-type]
    for event in (*training_events(5, 40), health, *after):
        story.take(event)  # type: ignore[arg-type]
    return story


def test_a_diverged_training_is_retried_at_less(run: RunFolder) -> None:
    story = told("red", "diverged", {"learning_rate": 5e-4}, DIVERGED)
    assert remedy_for(story, run) == Remedy(
        "Retry at half the learning rate (0.0005)", {"learning_rate": 5e-4}
    )
    story = told("red", "diverged", {"learning_rate": 2.5e-4}, DIVERGED)
    assert remedy_for(story, run).label == "Retry at a quarter of the learning rate (0.00025)"


def test_while_it_runs_it_is_stopped_first(run: RunFolder) -> None:
    found = remedy_for(told("amber", "rate_too_low", {"learning_rate": 3e-3}), run)
    assert found == Remedy(
        "Stop and retry at a learning rate of 0.003", {"learning_rate": 3e-3}, stops=True
    )


@pytest.mark.parametrize(
    ("code", "rows", "said"),
    [("odd_rows", (3, 5), "Show these 2 examples"), ("spike", (7,), "Show this example")],
)
def test_examples_are_shown(run: RunFolder, code: str, rows: tuple[int, ...], said: str) -> None:
    story = told("amber", code, {})
    assert remedy_for(story, run) is None
    story.take(HealthVerdict(level="amber", code=f"training.{code}", step=5, text="a", rows=rows))
    assert remedy_for(story, run) == Remedy(said, rows=rows)


@pytest.mark.parametrize("code", ["memorising", "overfitting", "plateau"])
def test_enough_is_enough(run: RunFolder, code: str) -> None:
    story = told("amber", code, {"epochs": 1.5})
    assert remedy_for(story, run) == Remedy("Stop now and keep the best", stops=True)
    story.take(Finished(outcome="stopped"))
    assert remedy_for(story, run) is None


def test_nothing_is_suggested_without_need(run: RunFolder) -> None:
    assert remedy_for(TrainingStory(), run) is None
    assert remedy_for(told("green", "learning", {}), run) is None
    assert remedy_for(told("amber", "spike", {}), run) is None
    done = told("amber", "unstable", {"learning_rate": 5e-4}, Finished(outcome="completed"))
    assert remedy_for(done, run) is None
    run.config_file.unlink()
    assert remedy_for(told("amber", "unstable", {"learning_rate": 5e-4}), run) is None


def test_the_new_training_differs_in_these_settings_only(run: RunFolder) -> None:
    project = Project.of_run(run)
    made = retried(project, run, {"learning_rate": 5e-4})
    assert made.name == "train-002"
    before, after = load_config(run.config_file), load_config(made.config_file)
    assert after == before.with_values({"learning_rate": 5e-4})
    assert read_json(made.job_file) == read_json(run.job_file)
    with pytest.raises(UserFacingError):
        retried(project, run, {"learning_rate": -1})
