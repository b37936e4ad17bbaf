"""What a full disk or a full memory does to a save: it waits, or costs speed."""

from core.errors import UserFacingError
from core.events import Notice, StateChanged
from core.jobs.link import Request
from core.training import saving
from core.training.checkpoints import disk_space
from core.training.loop import train_steps
from tests.core.training.conftest import TINY, told


def test_a_full_disk_pauses_and_goes_on(make_run, monkeypatch):
    monkeypatch.setattr(disk_space, "POLL_SECONDS", 0.01)
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    real, refusals = saving.save_checkpoint, iter([True, True, False])

    def sometimes_full(*arguments):
        if next(refusals, False):
            raise UserFacingError("disk.full", "The disk is full.", "Free some space.")
        return real(*arguments)

    monkeypatch.setattr(saving, "save_checkpoint", sometimes_full)
    assert train_steps(run) is Request.RUN
    notices = told(run, Notice)
    assert [n.code for n in notices] == ["disk.full"]
    assert "GB" in notices[0].todo
    assert [s.state for s in told(run, StateChanged)] == ["paused", "running"]
    assert run.checkpoints.steps()[-1] == 2


def test_a_memory_that_is_full_at_a_save_costs_speed_not_the_run(make_run, monkeypatch):
    import torch

    run = make_run(config=TINY.with_values({"max_steps": 2}))
    real, refusals = saving.save_checkpoint, iter([torch.OutOfMemoryError("CUDA out of memory")])

    def sometimes_starved(*arguments):
        for error in refusals:
            raise error
        return real(*arguments)

    monkeypatch.setattr(saving, "save_checkpoint", sometimes_starved)
    assert train_steps(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]
    assert run.checkpoints.steps()[-1] == 2
