import pytest

from core.errors import UserFacingError
from core.library import adapters_on, delete, list_fine_tunes


def test_finished_runs_are_listed_with_their_facts(walked, own_copy, tmp_path):
    tunes = list_fine_tunes([own_copy.root, tmp_path / "gone"])
    tune = next(t for t in tunes if t.run.name == "train-001")
    assert tune.steps == 6
    assert tune.base_model == walked.base
    assert tune.perplexity == (
        walked.scores["base"]["perplexity"],
        walked.scores["tuned"]["perplexity"],
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
    from filelock import FileLock

    (tune, *_) = list_fine_tunes([own_copy.root])
    with FileLock(tune.run.lock_file), pytest.raises(UserFacingError) as refusal:
        delete(tune)
    assert refusal.value.code == "run.busy"
    assert tune.run.root.is_dir()


def test_a_base_knows_its_adapters(walked, own_copy, tmp_path):
    assert adapters_on(walked.base, [own_copy.root])
    assert adapters_on(tmp_path, [own_copy.root]) == []
