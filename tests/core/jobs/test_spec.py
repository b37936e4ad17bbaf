import pytest

from core.errors import UserFacingError
from core.jobs.scores import Scores
from core.jobs.spec import (
    EvaluateParams,
    TrainingFacts,
    TrainParams,
    asked_of,
    read_spec,
    training_params,
    write_spec,
)
from core.project import Project
from core.storage.files import write_json
from tests.foreign_files import add_training


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "project")


def test_a_training_is_taken_up(project):
    run = add_training(project, more_of="train-009", processes=2, draft_dir="/home", to="/etc")
    assert training_params(run) == TrainParams(
        dataset_version="0" * 32,
        base_model="/nowhere/model",
        more_of="train-009",
        processes=2,
    )


@pytest.mark.parametrize("kind", ["scan", "prepare", "export", "proof", "queue", "", None, 7])
def test_no_other_kind_of_job_is(project, kind):
    run = add_training(project)
    write_json(run.job_file, {"kind": kind, "params": {"draft_dir": "/home/me", "paths": []}})
    with pytest.raises(UserFacingError) as refusal:
        training_params(run)
    assert refusal.value.code == "job.no_training"


@pytest.mark.parametrize(
    "wrong",
    [
        {"dataset_version": "../../etc"},
        {"dataset_version": 7},
        {"base_model": ""},
        {"base_model": ["a"]},
        {"base_model": "a\0b"},
        {"more_of": ".."},
        {"processes": 10**9},
        {"processes": "many"},
    ],
)
def test_values_that_cannot_be_are_refused(project, wrong):
    with pytest.raises(UserFacingError) as refusal:
        training_params(add_training(project, **wrong))
    assert refusal.value.code == "job.no_training"


@pytest.mark.parametrize("spec", [[], 7, None, {"kind": "train"}, {"kind": "train", "params": 3}])
def test_what_is_no_job_is_refused(project, spec):
    run = add_training(project)
    write_json(run.job_file, spec)
    with pytest.raises(UserFacingError):
        training_params(run)
    assert asked_of(run) is None


def test_any_job_is_read_back_as_it_was_written(project):
    run = project.new_run("evaluate")
    params = EvaluateParams(run="train-001", questions=20)
    write_spec(run, params)
    assert read_spec(run) == asked_of(run) == params


@pytest.mark.parametrize(
    "params", [None, 7, {"run": "../.."}, {"run": "train-001", "questions": 0}]
)
def test_values_that_no_job_can_use_are_refused(project, params):
    run = project.new_run("evaluate")
    write_json(run.job_file, {"kind": "evaluate", "params": params})
    with pytest.raises(UserFacingError) as refusal:
        read_spec(run)
    assert refusal.value.code == "job.damaged"


def test_what_was_trained_is_not_what_did_not_help():
    assert TrainingFacts(steps=3, best_step=2).learned
    assert not TrainingFacts(steps=3, best_step=0).learned
    assert TrainingFacts(steps=3, best_step=0, more_of="train-001").learned
    assert not TrainingFacts().learned


def test_scores_that_were_not_measured_are_not_written():
    assert Scores(perplexity=2.0).model_dump() == {"perplexity": 2.0}
