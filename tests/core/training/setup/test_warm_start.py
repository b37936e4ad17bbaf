"""Training more is another run; resuming is the same run."""

import shutil

import pytest
from safetensors.numpy import load_file

from core.actions.training import train_from_adapter
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.events import Validation
from core.jobs.spec import TrainParams
from core.jobs.supervisor import read_events
from core.storage.files import read_json
from core.training.checkpoints.checkpoint import StepFolders
from core.training.result import best_adapter
from core.training.setup.warm_start import (
    config_for_warm_start,
    finished_run,
    params_for_warm_start,
)


def test_a_finished_adapter_is_trained_further(walked, own_copy):
    before = best_adapter(own_copy.run("train-001"))
    facts = train_from_adapter(own_copy, "train-001", {"max_steps": 2}, run_job=run_job)
    run = own_copy.latest_run("train")
    assert run.name == "train-002"
    assert facts.more_of == "train-001"
    assert facts.steps == 2
    # The first check sees the adapter of the finished run, and the new one goes on from it.
    first = next(e for e in read_events(run) if isinstance(e, Validation))
    assert first.loss == pytest.approx(walked.facts.best_loss, rel=1e-6)
    ours = load_file(run.checkpoints / "step-00000002" / "adapter.safetensors")
    theirs = load_file(before / "adapter_model.safetensors")
    assert ours.keys() == theirs.keys()
    assert not all((ours[key] == theirs[key]).all() for key in ours)
    assert before.is_dir()


def test_other_settings_are_kept(walked):
    config = config_for_warm_start(walked.project.run("train-001"), {"learning_rate": 1e-4})
    assert (config.rank, config.learning_rate, config.max_steps) == (4, 1e-4, 0)


def test_the_adapters_shape_is_fixed(walked):
    with pytest.raises(UserFacingError) as refusal:
        config_for_warm_start(walked.project.run("train-001"), {"rank": 8, "alpha": 9})
    assert refusal.value.code == "more.fixed"
    assert "rank, alpha" in refusal.value.what


def test_what_more_training_begins_with_is_checked_before(walked, own_copy):
    run = own_copy.run("train-001")
    found = finished_run(run)
    assert (found.run, found.config.rank, found.config.max_steps) == ("train-001", 4, 0)
    best_adapter(run).joinpath("adapter_model.safetensors").write_bytes(b"damaged")
    for step in StepFolders(run.best).steps():
        shutil.rmtree(StepFolders(run.best).path(step))
    with pytest.raises(UserFacingError) as refusal:
        finished_run(run)
    assert refusal.value.code == "run.no_adapter"


def test_a_run_without_an_adapter_is_refused(walked, tmp_path):
    from core.project import RunFolder

    with pytest.raises(UserFacingError) as refusal:
        params_for_warm_start(RunFolder(tmp_path), "x")
    assert refusal.value.code == "run.no_adapter"


def test_the_parameters_name_base_and_examples(walked):
    run = walked.project.run("train-001")
    params = params_for_warm_start(run, "abc")
    base = read_json(run.job_file)["params"]["base_model"]
    assert params == TrainParams(dataset_version="abc", base_model=base, more_of="train-001")
