from __future__ import annotations

from pathlib import Path

import pytest

from core.config.training import TrainingConfig, load_config, save_config
from core.errors import UserFacingError
from core.events import Failed, Finished, HealthVerdict
from core.jobs.spec import PreferenceParams, training_params, write_spec
from core.project import Project, RunFolder
from core.storage.files import read_json, write_json
from core.training.preferences.judgement import read_judgements, write_judgements
from gui.training.suggested_action import SuggestedAction, retried, suggested_action_for
from gui.training.view_model import TrainingViewModel
from tests.core.training.preferences.examples import judgements
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


def told(level: str, code: str, settings: dict[str, float], *after: object) -> TrainingViewModel:
    view_model = TrainingViewModel()
    health = HealthVerdict(
        level=level, code=f"training.{code}", step=5, text="a", settings=settings
    )  # type: ignore[arg-type]
    for event in (*training_events(5, 40), health, *after):
        view_model.take(event)  # type: ignore[arg-type]
    return view_model


def test_a_diverged_training_is_retried_at_less(run: RunFolder) -> None:
    view_model = told("red", "diverged", {"learning_rate": 5e-4}, DIVERGED)
    assert suggested_action_for(view_model, run) == SuggestedAction(
        "Retry at half the learning rate (0.0005)", {"learning_rate": 5e-4}
    )
    view_model = told("red", "diverged", {"learning_rate": 2.5e-4}, DIVERGED)
    assert (
        suggested_action_for(view_model, run).label
        == "Retry at a quarter of the learning rate (0.00025)"
    )


def test_while_it_runs_it_is_stopped_first(run: RunFolder) -> None:
    found = suggested_action_for(told("amber", "rate_too_low", {"learning_rate": 3e-3}), run)
    assert found == SuggestedAction(
        "Stop and retry at a learning rate of 0.003", {"learning_rate": 3e-3}, stops=True
    )


@pytest.mark.parametrize(
    ("code", "rows", "said"),
    [("odd_rows", (3, 5), "Show these 2 examples"), ("spike", (7,), "Show this example")],
)
def test_examples_are_shown(run: RunFolder, code: str, rows: tuple[int, ...], said: str) -> None:
    view_model = told("amber", code, {})
    assert suggested_action_for(view_model, run) is None
    view_model.take(
        HealthVerdict(level="amber", code=f"training.{code}", step=5, text="a", rows=rows)
    )
    assert suggested_action_for(view_model, run) == SuggestedAction(said, rows=rows)


@pytest.mark.parametrize("code", ["memorising", "overfitting", "plateau"])
def test_enough_is_enough(run: RunFolder, code: str) -> None:
    view_model = told("amber", code, {"epochs": 1.5})
    assert suggested_action_for(view_model, run) == SuggestedAction(
        "Stop now and keep the best", stops=True
    )
    view_model.take(Finished(outcome="stopped"))
    assert suggested_action_for(view_model, run) is None


def test_nothing_is_suggested_without_need(run: RunFolder) -> None:
    assert suggested_action_for(TrainingViewModel(), run) is None
    assert suggested_action_for(told("green", "learning", {}), run) is None
    assert suggested_action_for(told("amber", "spike", {}), run) is None
    done = told("amber", "unstable", {"learning_rate": 5e-4}, Finished(outcome="completed"))
    assert suggested_action_for(done, run) is None
    run.config_file.unlink()
    assert suggested_action_for(told("amber", "unstable", {"learning_rate": 5e-4}), run) is None


def test_the_new_training_differs_in_these_settings_only(run: RunFolder) -> None:
    project = Project.of_run(run)
    made = retried(project, run, {"learning_rate": 5e-4})
    assert made.name == "train-002"
    before, after = load_config(run.config_file), load_config(made.config_file)
    assert after == before.with_values({"learning_rate": 5e-4})
    assert read_json(made.job_file) == read_json(run.job_file)
    with pytest.raises(UserFacingError):
        retried(project, run, {"learning_rate": -1})


def test_another_try_learns_from_the_same_ratings(run: RunFolder) -> None:
    asked = PreferenceParams(judgements=write_judgements(run, judgements(20)))
    write_spec(run, training_params(run).model_copy(update={"preferences": asked}))
    made = retried(Project.of_run(run), run, {"learning_rate": 5e-6})
    assert training_params(made).preferences == asked
    assert read_judgements(made, asked.judgements) == judgements(20)
