"""The loop on a real small model: it learns, normalises by tokens, stops, resumes to the byte."""

import signal
import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from core.events import Notice, StateChanged, TrainStep, Validation
from core.hardware.system.awake import KeepAwake
from core.hardware.thermal.guard import TrainingGuard
from core.hardware.thermal.telemetry import TelemetryThread
from core.jobs import link
from core.jobs.link import Cancelled, Ended, Request
from core.storage.files import write_json
from core.training import loop, saving, validation
from core.training import step as optimizer_step
from core.training.checkpoints.checkpoint import load_checkpoint
from core.training.loop import train_steps
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.training.conftest import TINY, same, told


def test_it_learns_and_keeps_the_best(make_run):
    run = make_run(config=TINY.with_values({"epochs": 6.0, "patience_epochs": 0}))
    assert train_steps(run) is Request.RUN
    validations = told(run, Validation)
    assert [v.step for v in validations] == list(range(25))
    # A random model with frozen, tied embeddings cannot do better than this.
    assert validations[-1].loss < validations[0].loss - 0.3
    best = min(validations, key=lambda v: v.loss)
    assert run.best.steps() == [best.step] == [run.position.best_step]
    steps = told(run, TrainStep)
    assert [s.step for s in steps] == list(range(1, 25))
    assert all(s.seconds_left is None for s in steps[:6])  # never before it was measured
    assert 0 < steps[-1].seconds_left < 60  # the last check, however short, is still to come
    assert all(len(s.rows) == 8 and s.trained_tokens < s.tokens for s in steps)
    for step in steps:
        assert sum(step.row_tokens) == step.trained_tokens
        total = np.dot(step.row_losses, step.row_tokens)
        assert total / step.trained_tokens == pytest.approx(step.loss, rel=1e-3)


def test_steps_and_checks_are_watched_but_not_the_wait_for_room_on_the_disk(make_run, monkeypatch):
    run, seen = make_run(), []

    class Watchdog:
        @contextmanager
        def watch(self, doing):
            seen.append(doing)
            yield
            seen.append(f"{doing} done")

        @contextmanager
        def rest(self):
            seen.append("rest")
            yield

    run.watchdog = Watchdog()
    save_or_wait = saving.save_or_wait
    writes = []

    def write(link, work, needed):
        writes.append(seen[-1])
        return save_or_wait(link, work, needed)

    monkeypatch.setattr(saving, "save_or_wait", write)
    train_steps(run)
    assert seen[:4] == ["check", "rest", "rest", "check done"]
    assert seen.count("step") == seen.count("step done") == run.schedule.total_steps
    assert set(writes) == {"rest"}


def test_the_computer_may_fall_asleep_while_the_person_pauses(make_run, monkeypatch):
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    held, seen = [], []

    @contextmanager
    def desktop():
        held.append(True)
        yield SimpleNamespace(active=True)
        held.clear()

    def go_on(_seconds):
        seen.append(bool(held))
        write_json(run.link.folder.control_file, {"request": "run"})

    monkeypatch.setattr(link.time, "sleep", go_on)
    write_json(run.link.folder.control_file, {"request": "pause"})
    with KeepAwake(run.link, inhibitor=desktop) as run.awake:
        train_steps(run)
        assert held and seen == [False]
    codes = [n.code for n in told(run, Notice) if n.code.startswith("awake.")]
    assert codes == ["awake.on", "awake.paused", "awake.on"]


@pytest.mark.parametrize("paused", [False, True])
def test_a_log_out_loses_no_step(make_run, monkeypatch, paused):
    """The system's signal comes in the middle of a step, or during a pause.

    No check saves around then: with one check an epoch, the next comes after step 4.
    """
    config = TINY.with_values({"dropout": 0.1, "validations_per_epoch": 1})
    whole = make_run("whole", config)
    train_steps(whole)
    first = make_run("ended", config)
    real, sleep = optimizer_step._gradient, time.sleep

    def gradient(run, rows):
        if run.position.step == 2:
            if paused:
                write_json(run.link.folder.control_file, {"request": "pause"})
            else:
                signal.raise_signal(signal.SIGTERM)
        return real(run, rows)

    def log_out(_seconds):
        signal.raise_signal(signal.SIGTERM)
        sleep(0)

    monkeypatch.setattr(optimizer_step, "_gradient", gradient)
    monkeypatch.setattr(link.time, "sleep", log_out)
    with pytest.raises(Ended), first.link.may_save_at_the_end():
        train_steps(first)
    monkeypatch.undo()
    assert [s.step for s in told(first, TrainStep)] == [1, 2, 3]
    assert first.checkpoints.steps()[-1] == 3
    write_json(first.link.folder.control_file, {"request": "run"})
    second = make_run("ended", config)
    second.position = load_checkpoint(second.checkpoints.path(3), second.model, second.optimizer)
    train_steps(second)
    assert same(whole, second)


@pytest.mark.parametrize("stop_after", [1, 3, 5])
def test_resuming_ends_with_the_same_bytes(make_run, stop_after, monkeypatch):
    config = TINY.with_values({"dropout": 0.1})
    whole = make_run("whole", config)
    train_steps(whole)
    first = make_run("broken", config)
    real = loop.one_step

    def one_step(run):
        if run.position.step == stop_after:
            raise KeyboardInterrupt  # as abrupt as Python can be
        real(run)

    monkeypatch.setattr(loop, "one_step", one_step)
    with pytest.raises(KeyboardInterrupt):
        train_steps(first)
    monkeypatch.setattr(loop, "one_step", real)
    again = make_run("broken", config)
    _step, path = next(again.checkpoints.newest_whole())
    again.position = load_checkpoint(path, again.model, again.optimizer)
    assert again.position.step == stop_after
    train_steps(again)
    assert same(whole, again)
    assert again.position.best_step == whole.position.best_step
    name = "adapter_model.safetensors"
    best = [r.best.path(r.position.best_step) / name for r in (whole, again)]
    assert best[0].read_bytes() == best[1].read_bytes()


def test_a_request_to_stop_is_obeyed(make_run):
    run = make_run()
    write_json(run.link.folder.control_file, {"request": "stop"})
    assert train_steps(run) is Request.STOP
    assert run.position.step == 0
    assert run.best.steps() == [0]


def test_a_stop_before_the_first_check_keeps_what_was_trained(make_run, monkeypatch):
    """The best kept so far is the untrained one; what the steps gave is checked before the end."""
    run = make_run(config=TINY.with_values({"validations_per_epoch": 1, "epochs": 3.0}))
    real = loop.one_step

    def one_step(run):
        real(run)
        if run.position.step == 2:
            write_json(run.link.folder.control_file, {"request": "stop"})

    monkeypatch.setattr(loop, "one_step", one_step)
    assert train_steps(run) is Request.STOP
    assert [v.step for v in told(run, Validation)] == [0, 2]
    assert run.position.best_step == 2
    assert run.best.steps() == [2]


def test_a_cancelled_run_says_so(make_run):
    run = make_run()
    write_json(run.link.folder.control_file, {"request": "cancel"})
    with pytest.raises(Cancelled):
        train_steps(run)


def test_a_hot_card_pauses_the_training_with_everything_saved(make_run, monkeypatch):
    """It grows hot during the second step, whose end no check saves."""
    run = make_run(config=TINY.with_values({"max_steps": 3, "validations_per_epoch": 1}))
    library = FakeNvml(temperature=60)
    real = loop.one_step

    def one_step(run):
        real(run)
        if run.position.step == 2:
            library.temperature = 99
            while not telemetry.heat.state.should_pause:
                time.sleep(0.005)

    def cool_down(_seconds):
        assert run.checkpoints.steps()[-1] == 2
        library.temperature = 60
        time.sleep(0.02)

    monkeypatch.setattr(loop, "one_step", one_step)
    with TelemetryThread(run.link, 0.005, library) as telemetry:
        run.guard = TrainingGuard(telemetry, run.link, sleep=cool_down)
        assert train_steps(run) is Request.RUN
    states = told(run, StateChanged)
    assert [s.state for s in states] == ["paused", "running"]
    assert "99 °C" in states[0].reason
    assert run.position.step == 3


class ToldTime:
    """A clock that only work moves: 10 ms a token, 7 s a check, some seconds a save."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        save = saving.save_checkpoint
        monkeypatch.setattr(loop.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(
            optimizer_step, "backward", lambda _run, batch, _n: self.passing(batch.ids.size)
        )
        monkeypatch.setattr(
            validation, "validation_losses", lambda _run: (self.passing(700), {}, ())
        )
        monkeypatch.setattr(saving, "save_checkpoint", lambda *a: (self.passing(300), save(*a)))

    def passing(self, hundredths):
        self.now += hundredths / 100
        return 2.0


def eta_errors(run, clock, at):
    """Return the told time left after the steps ``at``, relative to what it then took."""
    told_at, emit = {}, run.link.emit

    def listen(event):
        if isinstance(event, TrainStep) and event.step in at:
            told_at[event.step] = (clock.now, event.seconds_left)
        emit(event)

    run.link.emit = listen
    train_steps(run)
    return [left / (clock.now - now) - 1 for now, left in told_at.values()]


def test_the_time_left_is_told_within_a_few_percent_also_after_a_resume(make_run, monkeypatch):
    values = {"epochs": 2.0, "patience_epochs": 0, "checkpoint_minutes": 0.2, "max_steps": 0}
    config = TINY.with_values(values)
    with monkeypatch.context() as patched:
        errors = eta_errors(make_run("whole", config, 160), ToldTime(patched), (20, 30))
    assert max(map(abs, errors)) < 0.1
    broken = make_run("broken", config, 160)
    real = loop.one_step

    def one_step(run):
        if run.position.step == 17:
            raise KeyboardInterrupt
        real(run)

    with monkeypatch.context() as patched:
        ToldTime(patched)
        patched.setattr(loop, "one_step", one_step)
        with pytest.raises(KeyboardInterrupt):
            train_steps(broken)
    again = make_run("broken", config, 160)
    _step, path = next(again.checkpoints.newest_whole())
    again.position = load_checkpoint(path, again.model, again.optimizer)
    first = again.position.step + 1
    with monkeypatch.context() as patched:
        errors = eta_errors(again, ToldTime(patched), (first, first + 12))
    assert max(map(abs, errors)) < 0.1


def test_a_resumed_run_judges_by_what_was_told_before(make_run, monkeypatch):
    config = TINY.with_values({"max_steps": 3, "patience_epochs": 0})
    first = make_run("broken", config)
    train_steps(first)
    again = make_run("broken", config)
    again.position = load_checkpoint(again.checkpoints.path(2), again.model, again.optimizer)
    seen = []
    monkeypatch.setattr(
        again.health,
        "recall",
        lambda events, upto: seen.append((sum(isinstance(e, TrainStep) for e in events), upto)),
    )
    train_steps(again)
    assert seen == [(3, 2)]
