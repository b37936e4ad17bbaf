"""Injected out-of-memory: every run finishes without a hand, with the same effective batch."""

from dataclasses import replace

import pytest
import torch

from core.config.engine import EnginePlan
from core.errors import UserFacingError
from core.events import Notice, TrainStep
from core.jobs.link import JobLink, Request
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.training import saving, validation
from core.training import step as optimizer_step
from core.training.adapter import adapter_weights
from core.training.loop import train_steps
from core.training.memory import fallback
from core.training.resumption import resume
from tests.core.training.conftest import TINY

FULL = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


class Starving:
    """Fails as a full card does, for as long as ``when(run, batch)`` says so.

    With ``moving(plan)`` also on the way to a plan, half-way, as the engine would.
    """

    def __init__(self, run, when, moving=lambda _plan: False):
        self.run, self.real, self.when, self.moving = run, run.fallback.loss, when, moving

    def __call__(self, batch):
        if self.when(self.run, batch):
            raise FULL
        return self.real(batch)

    def follow(self, plan):
        if not self.moving(plan):
            self.real.follow(plan)
            return
        ring = self.real.engine.weights
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ring, "_make_ring", _raise)  # the last thing that the engine does
            self.real.follow(plan)


def _raise(*_arguments):
    raise FULL


def starve(run, when, moving=lambda _plan: False):
    run.fallback.loss = Starving(run, when, moving)


def told(run, kind):
    return [event for event in read_events(run.link.folder) if isinstance(event, kind)]


def at_step(number):
    return lambda run, _batch: run.position.step == number and run.fallback.plan.keep_layers is None


@pytest.mark.parametrize("step", [0, 1, 5])
def test_a_full_card_costs_speed_not_the_run(make_run, step):
    config = TINY.with_values({"max_steps": 6, "micro_batch_tokens": 512})
    undisturbed, run = make_run("a", config), make_run("b", config)
    train_steps(undisturbed)
    starve(run, at_step(step))
    assert train_steps(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]
    batches = [[e.rows for e in told(r, TrainStep)] for r in (undisturbed, run)]
    assert batches[0] == batches[1]
    ours, theirs = adapter_weights(run.model), adapter_weights(undisturbed.model)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_micro_batches_shrink_until_they_fit(make_run):
    config = TINY.with_values({"max_steps": 2, "micro_batch_tokens": 1024})
    run = make_run(config=config)
    starve(run, lambda _run, batch: batch.ids.size > 150)
    assert train_steps(run) is Request.RUN
    assert run.fallback.capacity == 128
    assert [e.trained_tokens > 0 and len(e.rows) for e in told(run, TrainStep)] == [8, 8]


def test_no_micro_batch_becomes_smaller_than_the_longest_example(make_run):
    """A smaller one would not save memory: an example is never cut in two."""
    fallback = make_run(config=TINY.with_values({"micro_batch_tokens": 150})).fallback
    fallback.longest = 100
    told = ""
    while "tokens" not in told:
        told = fallback.fall_back()
    assert fallback.capacity == 100
    assert told == "At most 100 tokens are now computed at once."


def test_the_last_rung_is_a_sentence_and_everything_is_kept(make_run):
    run = make_run(config=TINY.with_values({"max_steps": 4}))
    starve(run, lambda run, _batch: run.position.step == 2)
    with pytest.raises(UserFacingError) as end:
        train_steps(run)
    assert end.value.code == "training.out_of_memory"
    assert next(run.checkpoints.newest_whole())[0] == 1  # the check after step 2 failed


def every_rung(run):
    """Let the run have what a card and a model of two layers would have."""
    run.fallback.layers, run.fallback.can_move = 2, True
    return run.fallback


def test_the_rungs_cost_ever_more_speed(make_run):
    run = make_run(config=TINY.with_values({"micro_batch_tokens": 512}))
    fallback, seen = every_rung(run), []
    fallback.longest = 128
    with pytest.raises(UserFacingError, match="most economical"):
        while True:
            assert fallback.fall_back().endswith(".")
            seen.append((fallback.plan.keep_layers, fallback.plan.offload_inputs,
                         fallback.capacity, fallback.plan.stream_layers))  # fmt: skip
    assert seen == [
        (1, False, 512, 0), (0, False, 512, 0), (0, True, 512, 0), (0, True, 256, 0),
        (0, True, 128, 0), (0, True, 128, 1), (0, True, 128, 2),
    ]  # fmt: skip
    assert run.fallback.loss.engine.weights.waiting == {0, 1}


def test_few_heads_at_a_time_are_the_last_rung(make_run):
    fallback = make_run().fallback
    fallback.longest = fallback.capacity
    fallback.follow(EnginePlan(keep_layers=0, states_mib=3072))
    assert fallback.fall_back().endswith(".")
    assert fallback.plan == EnginePlan(keep_layers=0, states_mib=256)
    with pytest.raises(UserFacingError, match="most economical"):
        fallback.fall_back()


def test_a_run_pushed_down_every_rung_learns_the_same(make_run):
    config = TINY.with_values({"max_steps": 3, "micro_batch_tokens": 128})
    undisturbed, run = make_run("a", config), make_run("b", config)
    train_steps(undisturbed)
    every_rung(run).longest = 128
    starve(run, lambda run, _batch: run.position.step == 1 and run.fallback.plan.stream_layers < 2)
    assert train_steps(run) is Request.RUN
    assert run.fallback.plan.stream_layers == 2 and run.fallback.plan.offload_inputs
    assert len(told(run, Notice)) == 5
    ours, theirs = adapter_weights(run.model), adapter_weights(undisturbed.model)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(
    ("moving", "capacity", "plan"),
    [
        (lambda plan: plan.offload_inputs and not plan.stream_layers, 64, (0, False, 0)),
        (lambda plan: plan.keep_layers == 1, 128, (2, True, 0)),
        (lambda plan: plan.stream_layers == 0, 128, (0, True, 1)),
    ],
)
def test_a_rung_that_needs_memory_itself_is_left_out(make_run, moving, capacity, plan):
    """Whatever fails on the way down, the engine must work by the plan that is told in the end."""
    config = TINY.with_values({"max_steps": 2, "micro_batch_tokens": 128})
    undisturbed, run = make_run("a", config), make_run("b", config)
    train_steps(undisturbed)
    every_rung(run).longest = 64
    starved = iter([True] * (3 if capacity == 64 else 1))
    if plan[2]:
        run.fallback.capacity = run.fallback.longest = 128
        run.fallback.follow(EnginePlan(keep_layers=0, offload_inputs=True, host_embedding=True))
    starve(run, lambda _run, _batch: next(starved, False), moving)
    assert train_steps(run) is Request.RUN
    now = run.fallback.plan
    assert (now.kept(2), now.offload_inputs, now.stream_layers) == plan
    assert run.fallback.capacity == capacity
    assert run.fallback.loss.real.engine.plan == now
    last = [told(r, TrainStep)[-1].loss for r in (undisturbed, run)]
    assert last[0] == pytest.approx(last[1], rel=1e-3)


def test_when_no_rung_holds_the_run_ends_with_a_sentence(make_run):
    run = make_run()
    every_rung(run)
    starve(run, lambda _run, _batch: True, lambda _plan: True)
    with pytest.raises(UserFacingError) as end:
        run.fallback.fall_back()
    assert end.value.code == "training.out_of_memory"


def test_a_plan_that_cannot_be_reached_is_left_for_the_one_before(make_run):
    run = make_run()
    lean = EnginePlan(keep_layers=0, stream_layers=2)
    every_rung(run).follow(lean)
    starve(run, lambda _run, _batch: False, lambda plan: plan.stream_layers < 2)
    assert not run.fallback.change_to(EnginePlan(), run.link)
    assert run.fallback.plan == lean == run.fallback.loss.real.engine.plan
    assert run.fallback.loss.real.engine.weights.waiting == {0, 1}
    assert told(run, Notice) == []
    assert run.fallback.change_to(replace(lean, keep_layers=1), run.link)
    assert run.fallback.plan.keep_layers == 1


def test_where_even_the_way_back_is_too_much_a_leaner_plan_is_taken(make_run):
    run = make_run()
    half = EnginePlan(keep_layers=0, offload_inputs=True, host_embedding=True, stream_layers=1)
    every_rung(run).follow(half)
    run.fallback.capacity = run.fallback.longest
    starve(run, lambda _run, _batch: False, lambda plan: plan.stream_layers < 2)
    assert not run.fallback.change_to(EnginePlan(), run.link)
    assert run.fallback.plan == replace(half, stream_layers=2) == run.fallback.loss.real.engine.plan
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]


@pytest.mark.parametrize(
    ("module", "moment"), [(saving, "save_checkpoint"), (validation, "save_adapter")]
)
def test_a_full_card_at_a_save_or_an_answer_is_survived(make_run, monkeypatch, module, moment):
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    real, calls = getattr(module, moment), []

    def fails_once(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(*arguments)

    monkeypatch.setattr(module, moment, fails_once)
    assert train_steps(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]
    assert run.checkpoints.steps()[-1] == 2


@pytest.mark.parametrize(
    ("place", "step"),
    [("clipping", 1), ("clipping", 3), ("first moment", 1), ("a moment", 1),
     ("copy for an update", 1), ("copy for an update", 3)],
)  # fmt: skip
def test_a_full_card_at_an_update_changes_nothing(make_run, monkeypatch, place, step):
    """Nothing of it is done twice or by half: the weights are the same to the bit."""
    config = TINY.with_values({"max_steps": 4, "micro_batch_tokens": 512})
    undisturbed, run = make_run("a", config), make_run("b", config)
    train_steps(undisturbed)
    module, name = {
        "clipping": (torch.nn.utils, "clip_grad_norm_"),
        "copy for an update": (torch, "empty_like"),
    }.get(place, (torch, "zeros_like"))
    count = len(run.parameters) if name == "empty_like" else 1
    at = {"a moment": 3}.get(place, (step - 1) * count)
    real, calls, updating = getattr(module, name), [], []

    def full(*arguments, **options):
        if updating or name == "clip_grad_norm_":
            calls.append(1)
            if len(calls) == at + 1:
                raise FULL
        return real(*arguments, **options)

    def update(run):
        updating.append(1)
        real_update(run)
        updating.clear()

    real_update = optimizer_step.update
    monkeypatch.setattr(optimizer_step, "update", update)
    monkeypatch.setattr(module, name, full)
    assert train_steps(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]
    ours, theirs = adapter_weights(run.model), adapter_weights(undisturbed.model)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_full_card_at_a_resume_is_survived(make_run, monkeypatch):
    config = TINY.with_values({"max_steps": 2})
    train_steps(make_run("a", config))
    run = make_run("a", config.with_values({"max_steps": 3}))
    real, calls = torch.Tensor.to, []

    def full(tensor, *arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise FULL
        return real(tensor, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "to", full)
        resume(run)
    assert run.position.step == 2
    assert len(run.optimizer.state) == len(run.parameters)
    assert train_steps(run) is Request.RUN
    assert [n.code for n in told(run, Notice)] == ["training.less_memory"]


def test_a_full_card_at_the_first_check_is_survived(make_run):
    run = make_run(config=TINY.with_values({"max_steps": 2}))
    starve(run, lambda run, _batch: run.position.best_step < 0
           and run.fallback.plan.keep_layers is None)  # fmt: skip
    assert train_steps(run) is Request.RUN
    assert run.position.step == 2


def test_other_errors_pass(make_run):
    run = make_run()

    def broken(_batch):
        raise RuntimeError("no memory problem")

    run.fallback.loss = broken
    with pytest.raises(RuntimeError, match="no memory problem"):
        train_steps(run)


def test_random_numbers_are_drawn_again(make_run):
    """With dropout, the repeated step must draw what the failed one drew."""
    config = TINY.with_values({"max_steps": 3, "dropout": 0.2, "micro_batch_tokens": 128})
    undisturbed = make_run("a", config)
    train_steps(undisturbed)
    run = make_run("b", config)  # loading it sets the seed
    calls = []

    def second_micro_batch_of_step_one(run, _batch):
        if torch.is_grad_enabled():
            calls.append(run.position.step)
        return calls.count(1) == 2 and run.fallback.plan.keep_layers is None

    starve(run, second_micro_batch_of_step_one)
    train_steps(run)
    assert len(told(run, Notice)) == 1
    ours, theirs = adapter_weights(run.model), adapter_weights(undisturbed.model)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def starving_load(times):
    left = iter(range(times))

    def load():
        for _ in left:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return "loaded"

    return load


def test_loading_is_tried_twice(folder_link, monkeypatch):
    monkeypatch.setattr(fallback, "_BREATH_SECONDS", 0)
    assert fallback.load_twice(starving_load(1), folder_link) == "loaded"
    with pytest.raises(UserFacingError) as refusal:
        fallback.load_twice(starving_load(2), folder_link)
    assert refusal.value.code == "training.out_of_memory"
    with pytest.raises(ValueError, match="other"):
        fallback.load_twice(lambda: int("other"), folder_link)
    events = read_events(folder_link.folder)
    assert [event.code for event in events] == ["training.less_memory"] * 2


@pytest.fixture
def folder_link(tmp_path):
    with JobLink(RunFolder(tmp_path)) as link:
        yield link
