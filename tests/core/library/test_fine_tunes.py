import pytest
from filelock import FileLock

from core.errors import UserFacingError
from core.hardware.system.energy import Range
from core.library.fine_tunes import delete, list_fine_tunes, require_unused
from core.queue import entries
from core.storage.files import read_json, write_json


def test_finished_runs_are_listed_with_their_facts(walked, own_copy, tmp_path):
    tunes = list_fine_tunes([own_copy.root, tmp_path / "gone"])
    tune = next(t for t in tunes if t.run.name == "train-001")
    assert tune.steps == 6
    assert tune.base_model == walked.base
    assert tune.perplexity == (
        walked.scores.base.perplexity,
        walked.scores.tuned.perplexity,
    )


def test_unfinished_runs_are_not_listed(own_copy):
    before = len(list_fine_tunes([own_copy.root]))
    own_copy.new_run("train")
    damaged = own_copy.new_run("train")
    damaged.facts_file.write_text("{")
    assert len(list_fine_tunes([own_copy.root])) == before


def test_deleting_removes_one_run(own_copy):
    tunes = list_fine_tunes([own_copy.root])
    delete(tunes[0])
    left = list_fine_tunes([own_copy.root])
    assert {t.run.name for t in left} == {t.run.name for t in tunes[1:]}


def test_a_running_one_is_not_deleted(own_copy):
    (tune, *_) = list_fine_tunes([own_copy.root])
    with FileLock(tune.run.lock_file), pytest.raises(UserFacingError) as refusal:
        delete(tune)
    assert refusal.value.code == "run.busy"
    assert tune.run.root.is_dir()


@pytest.mark.parametrize("kind", ["evaluate", "export"])
def test_one_that_is_used_right_now_is_not_deleted(own_copy, kind):
    (tune, *_) = list_fine_tunes([own_copy.root])
    job = own_copy.new_run(kind)
    write_json(job.job_file, {"kind": kind, "params": {"run": tune.run.name, "to": "/x"}})
    require_unused(tune)
    with FileLock(job.lock_file), pytest.raises(UserFacingError) as refusal:
        delete(tune)
    assert refusal.value.code == "run.busy"
    assert tune.run.root.is_dir()


def test_one_that_a_queued_training_goes_on_from_is_not_deleted(own_copy):
    (tune, *_) = list_fine_tunes([own_copy.root])
    later = own_copy.new_run("train")
    known = {"dataset_version": tune.dataset_version, "base_model": str(tune.base_model)}
    write_json(later.job_file, {"kind": "train", "params": {**known, "more_of": tune.run.name}})
    entries.add(own_copy, later, "more of it", Range(1, 2), None)
    with pytest.raises(UserFacingError) as refusal:
        delete(tune)
    assert "“more of it”" in refusal.value.todo
    entries.remove(own_copy, later.name)
    delete(tune)
    assert not tune.run.root.exists()


def test_a_base_knows_its_adapters(walked, own_copy, tmp_path):
    bases = [tune.base_model for tune in list_fine_tunes([own_copy.root])]
    assert walked.base in bases
    assert tmp_path not in bases


@pytest.mark.parametrize(
    "wrong",
    [
        {"dataset_version": "../x"}, {"seconds": "long"}, {"steps": 1e400}, {"best_loss": None},
        {"base_model": 7}, {"energy_joules": "x"},
    ],
)  # fmt: skip
def test_facts_that_cannot_be_are_no_fine_tune(own_copy, wrong):
    run = own_copy.run("train-001")
    write_json(run.facts_file, {**read_json(run.facts_file), **wrong})
    assert "train-001" not in [tune.run.name for tune in list_fine_tunes([own_copy.root])]


@pytest.mark.parametrize(
    "scores", [[], {}, {"base": 7, "tuned": {}}, {"base": {"perplexity": "x"}}]
)
def test_scores_that_cannot_be_were_not_measured(own_copy, scores):
    write_json(own_copy.run("train-001").evaluation_file, scores)
    tunes = {tune.run.name: tune for tune in list_fine_tunes([own_copy.root])}
    assert tunes["train-001"].perplexity is None
