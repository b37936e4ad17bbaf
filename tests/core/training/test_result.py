"""A run of no steps, or one that gained nothing, is no fine-tune."""

import shutil
from functools import partial

import pytest

from core.actions.results import export
from core.commands.terminal import run_job
from core.errors import UserFacingError
from core.evaluation.tuned import load_tuned
from core.jobs.spec import TrainingFacts
from core.library.fine_tunes import list_fine_tunes
from core.models.inspection import inspect_model
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.training.checkpoints.checkpoint import StepFolders
from core.training.result import best_adapter, is_fine_tune, read_facts, read_trained
from core.training.setup.warm_start import finished_run, start_from


def refused(action, *arguments):
    with pytest.raises(UserFacingError) as refusal:
        action(*arguments)
    return refusal.value.code


def test_an_unfinished_run_has_no_facts(tmp_path):
    run = RunFolder(tmp_path)
    assert refused(read_facts, run) == "run.not_finished"
    assert not is_fine_tune(run)
    write_json(run.facts_file, {"steps": 1})
    assert read_facts(run) == TrainingFacts(steps=1)
    assert is_fine_tune(run)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"steps": 0, "best_step": 0}, "run.no_steps"),
        ({"steps": 0, "best_step": 0, "more_of": "train-001"}, "run.no_steps"),
        ({"steps": 7, "best_step": 0}, "run.no_gain"),
    ],
)
def test_a_run_that_gave_nothing_is_no_fine_tune_anywhere(own_copy, facts, code):
    """Comparison, export and proof all begin with ``load_tuned``."""
    run = own_copy.run("train-001")
    write_json(run.facts_file, {**read_json(run.facts_file), **facts})
    assert refused(read_trained, run) == code
    assert refused(load_tuned, own_copy, run) == code
    assert refused(finished_run, run) == "run.no_adapter"
    assert list_fine_tunes([own_copy.root]) == []


def test_more_training_that_gained_nothing_still_holds_the_adapter_it_began_with(own_copy):
    run = own_copy.run("train-001")
    facts = {**read_json(run.facts_file), "best_step": 0, "more_of": "train-000"}
    write_json(run.facts_file, facts)
    assert read_trained(run).document() == facts


def test_the_untrained_adapter_of_the_first_check_is_none(own_copy):
    run = own_copy.run("train-001")
    best = best_adapter(run)
    for step in StepFolders(run.best).steps():
        target = StepFolders(run.best).path(0)
        shutil.move(StepFolders(run.best).path(step), target)
    assert refused(best_adapter, run) == "run.no_adapter"
    job = read_json(run.job_file)
    write_json(run.job_file, {**job, "params": {**job["params"], "more_of": "train-000"}})
    assert best_adapter(run) == target != best


def test_an_adapter_is_bound_to_the_weights_of_its_base(own_copy, tmp_path):
    """Other numbers under the same header: not compared, exported or trained further."""
    from safetensors.torch import load_file, save_file

    run = own_copy.run("train-001")
    facts = read_facts(run)
    assert facts.base_contents
    base = shutil.copytree(facts.base_model, tmp_path / "base")
    for file in (run.facts_file, run.job_file):
        text = file.read_text().replace(facts.base_model, str(base))
        file.write_text(text)
    tensors = load_file(base / "model.safetensors")
    tensors = {name: tensor.flip(0) for name, tensor in tensors.items()}
    save_file(tensors, base / "model.safetensors", {"format": "pt"})
    assert refused(load_tuned, own_copy, run) == "model.changed"
    assert refused(start_from, None, own_copy, run.name, inspect_model(base)) == "model.changed"
    assert (
        refused(partial(export, run_job=run_job), own_copy, "train-001", tmp_path / "out")
        == "model.changed"
    )
    assert not (tmp_path / "out").exists()


def test_facts_of_another_kind_are_damage(tmp_path):
    run = RunFolder(tmp_path)
    write_json(run.facts_file, {"steps": "many"})
    assert refused(read_facts, run) == "run.facts_damaged"
