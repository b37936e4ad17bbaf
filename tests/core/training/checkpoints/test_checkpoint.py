import pytest

from core.training.checkpoints.checkpoint import (
    Position,
    StepFolders,
    load_checkpoint,
    read_position,
    save_checkpoint,
)
from core.training.step import one_step


@pytest.fixture
def trained(make_run):
    run = make_run()
    run.model.train()
    one_step(run)
    return run


def test_everything_comes_back(trained, make_run):
    import torch

    path = save_checkpoint(trained.checkpoints, trained.model, trained.optimizer, trained.position)
    random_numbers = torch.rand(5)
    other = make_run("other")
    torch.manual_seed(99)  # a run that is made seeds them, and would be right by chance
    position = load_checkpoint(path, other.model, other.optimizer)
    assert position == read_position(path)
    assert position.step == 1
    assert torch.equal(torch.rand(5), random_numbers)
    for ours, theirs in zip(other.parameters, trained.parameters, strict=True):
        assert torch.equal(ours, theirs)
        for name, value in trained.optimizer.state[theirs].items():
            assert torch.equal(value, other.optimizer.state[ours][name]), name


def test_any_damage_falls_back_to_the_older_one(trained):
    folders = trained.checkpoints
    for step in (1, 2):
        position = trained.position.model_copy(update={"step": step})
        save_checkpoint(folders, trained.model, trained.optimizer, position)
    for path in sorted(folders.path(2).iterdir()):
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
            path.write_bytes(damaged)
            assert [step for step, _ in folders.newest_whole()] == [1], path.name
        path.write_bytes(whole)
    assert [step for step, _ in folders.newest_whole()] == [2, 1]


def test_a_damaged_folder_is_written_anew(trained):
    folders = trained.checkpoints
    state = (folders, trained.model, trained.optimizer, trained.position)
    path = save_checkpoint(*state)
    (path / "position.json").write_text("{}")
    save_checkpoint(*state)
    assert [step for step, _ in folders.newest_whole()] == [1]


def test_only_the_wanted_steps_stay(tmp_path):
    folders = StepFolders(tmp_path / "c")
    for step in (1, 5, 9):
        folders.save(step, lambda folder: (folder / "a").touch() or None)
    (folders.parent / ".staging-1-step").mkdir()
    folders.keep_only({5, 9})
    assert sorted(p.name for p in folders.parent.iterdir()) == ["step-00000005", "step-00000009"]
    assert folders.steps() == [5, 9]


def test_no_folder_means_no_step(tmp_path):
    assert StepFolders(tmp_path / "none").steps() == []
    assert list(StepFolders(tmp_path / "none").newest_whole()) == []


def test_a_position_without_a_validation_survives(trained):
    position = Position(step=1)
    path = save_checkpoint(trained.checkpoints, trained.model, trained.optimizer, position)
    assert read_position(path).best_loss == float("inf")
