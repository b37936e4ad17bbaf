"""Two real processes train together and learn what one learns; none of them is left over."""

import os
import signal
import sys
import threading
from types import SimpleNamespace

import psutil
import pytest
import torch
from safetensors.torch import load_file

from core.config.training import load_config, save_config
from core.errors import UserFacingError
from core.events import Notice, TrainStep
from core.jobs.link import JobLink
from core.jobs.spec import training_params, write_spec
from core.jobs.status import RunState, state_of
from core.jobs.supervisor import Supervisor, read_events
from core.project import RunFolder
from core.training.checkpoints.checkpoint import StepFolders
from core.training.distributed import workers
from core.training.job import run_train
from core.training.result import read_facts


@pytest.fixture
def together(own_copy):
    """A run with the settings of the project's first one, for two processes."""
    before, run = own_copy.run("train-001"), own_copy.new_run("train")
    save_config(load_config(before.config_file), run.config_file)
    params = training_params(before).model_copy(update={"processes": 2})
    return before, run, params


def _workers():
    children = psutil.Process().children(recursive=True)
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if child.cmdline()[-4:-1] == ["1", "2", "processors"]]


def _steps(folder):
    return [event for event in read_events(folder) if isinstance(event, TrainStep)]


def test_two_processes_learn_what_one_learns(together):
    before, run, params = together
    supervisor = Supervisor(run)
    supervisor.start(params)
    last = list(supervisor.follow())[-1]
    assert last.kind == "finished", last
    alone, shared = _steps(before), _steps(run)
    assert [s.rows for s in shared] == [s.rows for s in alone]
    assert [s.trained_tokens for s in shared] == [s.trained_tokens for s in alone]
    for one, two in zip(alone, shared, strict=True):
        assert two.loss == pytest.approx(one.loss, rel=5e-3)
        assert two.grad_norm == pytest.approx(one.grad_norm, rel=0.05)
    assert read_facts(run).best_loss == pytest.approx(read_facts(before).best_loss, rel=5e-3)
    weights = [
        load_file(f.best / f"step-{read_facts(f).best_step:08}" / "adapter_model.safetensors")
        for f in (before, run)
    ]
    flat = [torch.cat([w[name].flatten() for name in sorted(w)]) for w in weights]
    assert torch.cosine_similarity(*flat, dim=0) > 0.98
    assert not _workers() and not (run.root / "cards").exists()


SHORT_OF_MEMORY = """
import sys, torch
from pathlib import Path
from core.project import RunFolder
from core.training import distributed_worker

def starving(name, size):
    real, seen = getattr(torch, name), []

    def once(*arguments, **options):
        made = real(*arguments, **options)
        if made.dim() == 1 and made.numel() == size and not seen:
            seen.append(1)
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return made

    setattr(torch, name, once)

for name in ("cat", "zeros"):
    starving(name, int(sys.argv[2]))
sys.exit(distributed_worker.main(RunFolder(Path(sys.argv[1])), sys.argv[3:]))
"""


def test_a_rank_without_room_for_the_gradients_lets_all_repeat_the_step(together, monkeypatch):
    """Else one rank would sum gradients with others that count who was short of memory."""
    before, run, params = together
    trainable = read_facts(before).trainable_parameters
    command = [sys.executable, "-c", SHORT_OF_MEMORY, str(run.root), str(trainable)]
    monkeypatch.setattr(workers, "worker_command", lambda _folder: command)
    write_spec(run, params)
    with JobLink(run) as link:
        run_train(run, params, link)
    told = [e.code for e in read_events(run) if isinstance(e, Notice)]
    assert told.count("training.less_memory") == 1
    alone, shared = _steps(before), _steps(run)
    assert [s.rows for s in shared] == [s.rows for s in alone]
    for one, two in zip(alone, shared, strict=True):
        assert two.loss == pytest.approx(one.loss, rel=5e-3)


def test_a_companion_that_ends_before_the_meeting_is_not_waited_for(together, monkeypatch):
    _before, run, params = together
    command = [sys.executable, "-c", "raise SystemExit('no card for me')"]
    monkeypatch.setattr(workers, "worker_command", lambda _folder: command)
    with JobLink(run) as link, pytest.raises(UserFacingError) as end:
        run_train(run, params, link)
    assert end.value.code == "training.card_lost"
    assert "no card for me" in run.log_file.read_text()
    assert not torch.distributed.is_initialized() and not (run.root / "cards").exists()


def test_the_loss_of_a_companion_is_noticed_while_the_first_one_waits(tmp_path, monkeypatch):
    """Cards that wait for another one's gradients would wait for ever."""
    told, alive = threading.Event(), [None]
    monkeypatch.setattr(workers, "give_up_waiting", told.set)
    monkeypatch.setattr(workers, "_LOOK_SECONDS", 0.01)
    several = workers.DistributedWorkers(RunFolder(tmp_path), 2, cards=True)
    several._children = [SimpleNamespace(poll=lambda: alive[0])]
    watch = threading.Thread(target=several._watch)
    watch.start()
    assert not told.wait(0.1)
    alive[0] = -9
    assert told.wait(10)
    watch.join(10)


def test_a_companion_that_has_done_its_part_is_no_loss(tmp_path, monkeypatch):
    """It may end while the first one still saves; nothing that comes after may be cut off."""
    told = threading.Event()
    monkeypatch.setattr(workers, "give_up_waiting", told.set)
    monkeypatch.setattr(workers, "_LOOK_SECONDS", 0.01)
    several = workers.DistributedWorkers(RunFolder(tmp_path), 2, cards=True)
    several._children = [SimpleNamespace(poll=lambda: 0)]
    watch = threading.Thread(target=several._watch)
    watch.start()
    assert not told.wait(0.2)
    assert watch.is_alive()  # another one may still be lost
    several._ending.set()
    watch.join(10)
    assert not watch.is_alive() and not told.is_set()


def _disturbed(run, params, disturb):
    """Start a long run, call ``disturb`` at its second step; return all events."""
    config = load_config(run.config_file)
    save_config(config.with_values({"max_steps": 500, "epochs": 100.0}), run.config_file)
    supervisor = Supervisor(run)
    supervisor.start(params)
    events = []
    for event in supervisor.follow():
        events.append(event)
        if isinstance(event, TrainStep) and event.step == 2:
            disturb()
    return events


def test_a_lost_companion_ends_the_run_with_a_sentence(together):
    _before, run, params = together

    def kill():
        (worker,) = _workers()
        worker.kill()

    events = _disturbed(run, params, kill)
    assert events[-1].kind == "failed" and events[-1].code == "training.card_lost", events[-1]


def test_a_log_out_ends_all_of_them_with_the_last_step_saved(together):
    """The system's signal reaches every process at once."""
    _before, run, params = together

    def log_out():
        os.killpg(int(run.pid_file.read_text()), signal.SIGTERM)

    events = _disturbed(run, params, log_out)
    assert events[-1].kind == "failed" and events[-1].code == "job.ended", events[-1]
    assert StepFolders(run.checkpoints).steps()[-1] == _steps(run)[-1].step
    assert state_of(run) is RunState.INTERRUPTED
    assert not _workers()
