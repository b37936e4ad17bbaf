"""The loop on a real small model: it learns, normalises by tokens, stops, resumes to the byte."""

import math
import signal
import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import UserFacingError
from core.files import write_json
from core.hardware.awake import KeepAwake
from core.hardware.guard import TrainingGuard
from core.hardware.telemetry import TelemetryThread
from core.jobs import link
from core.jobs.events import HealthVerdict, Notice, StateChanged, TrainStep, Validation
from core.jobs.link import Cancelled, Ended, Request
from core.jobs.supervisor import read_events
from core.training import loop, room
from core.training.adapter import adapter_weights
from core.training.checkpoint import load_checkpoint
from core.training.loop import train
from tests.core.hardware.fake_nvml import FakeNvml
from tests.core.training.conftest import TINY


def told(run, kind):
    return [event for event in read_events(run.link.folder) if isinstance(event, kind)]


def same(left, right):
    import torch

    a, b = adapter_weights(left.model), adapter_weights(right.model)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns_and_keeps_the_best(make_run):
    run = make_run(config=TINY.with_values({"epochs": 6.0, "patience_epochs": 0}))
    assert train(run) is Request.RUN
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


def test_moments_are_made_before_an_update_as_adamw_itself_makes_them(make_run):
    import torch

    ours, theirs = make_run("a"), make_run("b")
    for run in (ours, theirs):
        for place, parameter in enumerate(run.parameters):
            parameter.grad = torch.full_like(parameter, 0.1 * place - 0.3)
        run.parameters[1].grad = None
    loop.update(ours)
    theirs.optimizer.step()
    states = [[run.optimizer.state.get(p, {}) for p in run.parameters] for run in (ours, theirs)]
    assert states[0][1] == {} == states[1][1]
    for mine, expected in zip(*states, strict=True):
        assert list(mine) == list(expected)
        for name, value in expected.items():
            assert mine[name].dtype == value.dtype and mine[name].device == value.device
            assert torch.equal(mine[name], value)
    assert same(ours, theirs)
    assert all(p.grad is None for p in ours.parameters)


def test_the_times_of_steps_are_compared_within_one_plan(make_run):
    run, seen = make_run(config=TINY.with_values({"max_steps": 2})), []
    run.step_times = SimpleNamespace(after_step=lambda *given: seen.append(given))
    train(run)
    ways = [way for _seconds, _tokens, way in seen]
    assert ways == [(run.ladder.plan, run.ladder.capacity)] * 2


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
    save_or_wait = loop.save_or_wait
    writes = []

    def write(link, work, needed):
        writes.append(seen[-1])
        return save_or_wait(link, work, needed)

    monkeypatch.setattr(loop, "save_or_wait", write)
    train(run)
    assert seen[:4] == ["check", "rest", "rest", "check done"]
    assert seen.count("step") == seen.count("step done") == run.schedule.total_steps
    assert set(writes) == {"rest"}


def test_a_state_that_a_check_condemns_is_no_checkpoint(make_run):
    run = make_run()
    red = HealthVerdict(level="red", code="training.diverged", step=2, text="It burst.", todo="")
    judge = run.health.after_validation

    def after_validation(step, loss, by_task):
        return red if step == 2 else judge(step, loss, by_task)

    run.health.after_validation = after_validation
    with pytest.raises(UserFacingError) as end:
        train(run)
    assert end.value.code == "training.diverged"
    assert told(run, Validation)[-1].step == 2
    assert run.checkpoints.steps()[-1] == 1
    assert told(run, HealthVerdict)[-1].text == "It burst."


def test_micro_batches_do_not_change_the_step(make_run):
    """One token weighs the same whether it is computed alone or packed with others."""
    import torch

    gradients = []
    for name, capacity in (("a", 2048), ("b", 16)):
        run = make_run(name, TINY.with_values({"micro_batch_tokens": capacity}))
        run.model.train()
        batches = list(loop.micro_batches(run.train, run.schedule.batch(0), capacity))
        trained = sum(batch.trained_tokens for batch in batches)
        sums = {}
        for batch in batches:
            sums |= zip(batch.places, loop.backward(run, batch, trained), strict=True)
        gradients.append(([sums[i] for i in range(8)], [p.grad.clone() for p in run.parameters]))
    assert len(batches) == 8
    assert gradients[0][0] == pytest.approx(gradients[1][0], rel=5e-3)
    for packed, alone in zip(gradients[0][1], gradients[1][1], strict=True):
        assert torch.norm(packed - alone) <= 0.03 * torch.norm(alone) + 1e-6


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
        train(run)
        assert held and seen == [False]
    codes = [n.code for n in told(run, Notice) if n.code.startswith("awake.")]
    assert codes == ["awake.on", "awake.paused", "awake.on"]


@pytest.mark.parametrize("paused", [False, True])
def test_a_log_out_loses_no_step(make_run, monkeypatch, paused):
    """The system's signal comes in the middle of a step, or during a pause."""
    config = TINY.with_values({"dropout": 0.1})
    whole = make_run("whole", config)
    train(whole)
    first = make_run("ended", config)
    real, sleep = loop._gradient, time.sleep

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

    monkeypatch.setattr(loop, "_gradient", gradient)
    monkeypatch.setattr(link.time, "sleep", log_out)
    with pytest.raises(Ended), first.link.may_save_at_the_end():
        train(first)
    monkeypatch.undo()
    assert [s.step for s in told(first, TrainStep)] == [1, 2, 3]
    assert first.checkpoints.steps()[-1] == 3
    write_json(first.link.folder.control_file, {"request": "run"})
    second = make_run("ended", config)
    second.position = load_checkpoint(second.checkpoints.path(3), second.model, second.optimizer)
    train(second)
    assert same(whole, second)


@pytest.mark.parametrize("stop_after", [1, 3, 5])
def test_resuming_ends_with_the_same_bytes(make_run, stop_after, monkeypatch):
    config = TINY.with_values({"dropout": 0.1})
    whole = make_run("whole", config)
    train(whole)
    first = make_run("broken", config)
    real = loop._one_step

    def one_step(run):
        if run.position.step == stop_after:
            raise KeyboardInterrupt  # as abrupt as Python can be
        real(run)

    monkeypatch.setattr(loop, "_one_step", one_step)
    with pytest.raises(KeyboardInterrupt):
        train(first)
    monkeypatch.setattr(loop, "_one_step", real)
    again = make_run("broken", config)
    _step, path = next(again.checkpoints.newest_whole())
    again.position = load_checkpoint(path, again.model, again.optimizer)
    assert again.position.step == stop_after
    train(again)
    assert same(whole, again)
    assert again.position.best_step == whole.position.best_step
    name = "adapter_model.safetensors"
    best = [r.best.path(r.position.best_step) / name for r in (whole, again)]
    assert best[0].read_bytes() == best[1].read_bytes()


def test_early_stop_waits_for_its_patience(make_run, monkeypatch):
    losses = iter([5.0, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7])
    monkeypatch.setattr(loop, "validation_losses", lambda _run: (next(losses), {}))
    run = make_run(config=TINY.with_values({"epochs": 2.0, "patience_epochs": 0.5}))
    assert train(run) is Request.RUN
    assert run.position.best_step == 1
    assert run.position.step == 3  # two checks of a quarter epoch without gain
    assert [n.code for n in told(run, Notice)] == ["training.early_stop"]


def test_a_request_to_stop_is_obeyed(make_run):
    run = make_run()
    write_json(run.link.folder.control_file, {"request": "stop"})
    assert train(run) is Request.STOP
    assert run.position.step == 0
    assert run.best.steps() == [0]


def test_a_cancelled_run_says_so(make_run):
    run = make_run()
    write_json(run.link.folder.control_file, {"request": "cancel"})
    with pytest.raises(Cancelled):
        train(run)


def test_a_loss_that_is_no_number_stops_before_the_update(make_run, monkeypatch):
    run = make_run()
    before = adapter_weights(run.model)
    monkeypatch.setattr(loop, "backward", lambda _run, _batch, _trained: math.nan)
    with pytest.raises(UserFacingError) as refusal:
        train(run)
    assert refusal.value.code == "training.not_finite"
    assert all((before[k] == v).all() for k, v in adapter_weights(run.model).items())
    assert run.checkpoints.steps() == [0]


def test_a_full_disk_pauses_and_goes_on(make_run, monkeypatch):
    monkeypatch.setattr(room, "POLL_SECONDS", 0.01)
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    real, refusals = loop.save_checkpoint, iter([True, True, False])

    def sometimes_full(*arguments):
        if next(refusals, False):
            raise UserFacingError("disk.full", "The disk is full.", "Free some space.")
        return real(*arguments)

    monkeypatch.setattr(loop, "save_checkpoint", sometimes_full)
    assert train(run) is Request.RUN
    notices = told(run, Notice)
    assert [n.code for n in notices] == ["disk.full"]
    assert "GB" in notices[0].todo
    assert [s.state for s in told(run, StateChanged)] == ["paused", "running"]
    assert run.checkpoints.steps()[-1] == 2


def test_a_memory_that_is_full_at_a_save_costs_speed_not_the_run(make_run, monkeypatch):
    import torch

    run = make_run(config=TINY.with_values({"max_steps": 2}))
    real, refusals = loop.save_checkpoint, iter([torch.OutOfMemoryError("CUDA out of memory")])

    def sometimes_starved(*arguments):
        for error in refusals:
            raise error
        return real(*arguments)

    monkeypatch.setattr(loop, "save_checkpoint", sometimes_starved)
    assert train(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]
    assert run.checkpoints.steps()[-1] == 2


def test_a_hot_card_pauses_the_training_with_everything_saved(make_run):
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    library = FakeNvml(temperature=99)

    def cool_down(_seconds):
        assert run.checkpoints.steps()
        library.temperature = 60
        time.sleep(0.02)

    with TelemetryThread(run.link, 0.005, library) as telemetry:
        run.guard = TrainingGuard(telemetry, run.link, sleep=cool_down)
        while not telemetry.heat.state.should_pause:
            time.sleep(0.005)
        assert train(run) is Request.RUN
    states = told(run, StateChanged)
    assert [s.state for s in states] == ["paused", "running"]
    assert "99 °C" in states[0].reason
    assert run.position.step == 2


def test_a_pause_that_is_asked_for_lets_a_hot_card_cool_within_the_step(make_run, monkeypatch):
    run, ended_by = make_run(), []
    monkeypatch.setattr(loop, "backward", lambda *_: None)

    def wait(_busy, interrupted):
        ended_by.append(interrupted())

    run.guard = SimpleNamespace(after_micro_batch=wait)
    for request in Request:
        monkeypatch.setattr(run.link, "request", lambda request=request: request)
        loop._backward_and_rest(run, None, 1)
    assert [r for r, ended in zip(Request, ended_by, strict=True) if ended] == [
        Request.STOP,
        Request.CANCEL,
    ]


def test_computing_activations_again_changes_nothing(make_run):
    kept, again = (make_run(n, TINY.with_values({"max_steps": 2})) for n in ("one", "two"))
    again.model.get_base_model().activation_checkpointing_enable({"use_reentrant": False})
    for run in (kept, again):
        train(run)
    assert again.model.get_base_model().is_activation_checkpointing
    assert same(kept, again)


class ToldTime:
    """A clock that only work moves: 10 ms a token, 7 s a check, some seconds a save."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        save = loop.save_checkpoint
        monkeypatch.setattr(loop.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(loop, "backward", lambda _run, batch, _n: self.passing(batch.ids.size))
        monkeypatch.setattr(loop, "validation_losses", lambda _run: (self.passing(700), {}))
        monkeypatch.setattr(loop, "save_checkpoint", lambda *a: (self.passing(300), save(*a)))

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
    train(run)
    return [left / (clock.now - now) - 1 for now, left in told_at.values()]


def test_the_time_left_is_told_within_a_few_percent_also_after_a_resume(make_run, monkeypatch):
    values = {"epochs": 2.0, "patience_epochs": 0, "checkpoint_minutes": 0.2, "max_steps": 0}
    config = TINY.with_values(values)
    with monkeypatch.context() as patched:
        errors = eta_errors(make_run("whole", config, 160), ToldTime(patched), (20, 30))
    assert max(map(abs, errors)) < 0.1
    broken = make_run("broken", config, 160)
    real = loop._one_step

    def one_step(run):
        if run.position.step == 17:
            raise KeyboardInterrupt
        real(run)

    with monkeypatch.context() as patched:
        ToldTime(patched)
        patched.setattr(loop, "_one_step", one_step)
        with pytest.raises(KeyboardInterrupt):
            train(broken)
    again = make_run("broken", config, 160)
    _step, path = next(again.checkpoints.newest_whole())
    again.position = load_checkpoint(path, again.model, again.optimizer)
    first = again.position.step + 1
    with monkeypatch.context() as patched:
        errors = eta_errors(again, ToldTime(patched), (first, first + 12))
    assert max(map(abs, errors)) < 0.1


class Writes:
    """Answers with a number of words in ten seconds; a word is a token."""

    now = 0.0

    def __init__(self, words):
        self.words = words

    def sample(self):
        Writes.now += 10
        return "What?", "word " * self.words

    @staticmethod
    def tokenizer(text):
        return {"input_ids": text.split()}


def test_an_answer_longer_than_the_examples_does_not_make_later_checks_look_slow(
    make_run, monkeypatch
):
    run = make_run()
    monkeypatch.setattr(loop.time, "monotonic", lambda: Writes.now)
    usual = sum(run.train.trained) / len(run.train)
    assert loop._sample_answer(run, Writes(round(usual / 2))) == 0.0
    beyond = loop._sample_answer(run, Writes(round(4 * usual)))
    assert beyond == pytest.approx(10 * (1 - usual / (round(4 * usual) + 1)))
