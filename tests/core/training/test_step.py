"""One step: the same by whatever micro-batches, nothing applied that is bad, the update whole."""

import math
from types import SimpleNamespace

import pytest

from core.chat import tokens
from core.errors import UserFacingError
from core.events import TrainStep
from core.jobs.link import Request
from core.training import step as optimizer_step
from core.training.adapter import adapter_weights
from core.training.loop import train_steps
from tests.core.training.conftest import TINY, same, told


@pytest.mark.parametrize("fused", [False, True])
def test_moments_are_made_before_an_update_as_adamw_itself_makes_them(make_run, fused):
    """Fused is what a card gets; the processor can do it too."""
    import torch

    ours, theirs = make_run("a"), make_run("b")
    for run in (ours, theirs):
        assert not run.optimizer.defaults["fused"]
        run.optimizer = torch.optim.AdamW(run.parameters, lr=1e-3, fused=fused)
        for place, parameter in enumerate(run.parameters):
            parameter.grad = torch.full_like(parameter, 0.1 * place - 0.3)
        run.parameters[1].grad = None
    optimizer_step.update(ours)
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
    train_steps(run)
    ways = [way for _seconds, _tokens, way in seen]
    assert ways == [(run.fallback.plan, run.fallback.capacity)] * 2


def test_micro_batches_do_not_change_the_step(make_run):
    """One token weighs the same whether it is computed alone or packed with others."""
    import torch

    gradients = []
    for name, capacity in (("a", 2048), ("b", 16)):
        run = make_run(name, TINY.with_values({"micro_batch_tokens": capacity}))
        run.model.train()
        batches = list(tokens.micro_batches(run.train, run.schedule.batch(0), capacity))
        trained = sum(batch.trained_tokens for batch in batches)
        sums = {}
        for batch in batches:
            sums |= zip(batch.places, optimizer_step.backward(run, batch, trained), strict=True)
        gradients.append(([sums[i] for i in range(8)], [p.grad.clone() for p in run.parameters]))
    assert len(batches) == 8
    assert gradients[0][0] == pytest.approx(gradients[1][0], rel=5e-3)
    for packed, alone in zip(gradients[0][1], gradients[1][1], strict=True):
        assert torch.norm(packed - alone) <= 0.03 * torch.norm(alone) + 1e-6


def test_a_loss_that_is_no_number_stops_before_the_update(make_run, monkeypatch):
    run = make_run()
    before = adapter_weights(run.model)
    monkeypatch.setattr(optimizer_step, "backward", lambda _run, _batch, _trained: math.nan)
    with pytest.raises(UserFacingError) as refusal:
        train_steps(run)
    assert refusal.value.code == "training.not_finite"
    assert all((before[k] == v).all() for k, v in adapter_weights(run.model).items())
    assert run.checkpoints.steps() == [0]


def test_a_pause_that_is_asked_for_lets_a_hot_card_cool_within_the_step(make_run, monkeypatch):
    run, ended_by = make_run(), []
    monkeypatch.setattr(optimizer_step, "backward", lambda *_: None)

    def wait(_busy, interrupted):
        ended_by.append(interrupted())

    run.guard = SimpleNamespace(after_micro_batch=wait)
    for request in Request:
        monkeypatch.setattr(run.link, "request", lambda request=request: request)
        optimizer_step._backward_and_rest(run, None, 1)
    assert [r for r, ended in zip(Request, ended_by, strict=True) if ended] == [
        Request.STOP,
        Request.CANCEL,
        Request.END,
    ]


def test_computing_activations_again_changes_nothing(make_run):
    kept, again = (make_run(n, TINY.with_values({"max_steps": 2})) for n in ("one", "two"))
    again.model.get_base_model().activation_checkpointing_enable({"use_reentrant": False})
    for run in (kept, again):
        train_steps(run)
    assert again.model.get_base_model().is_activation_checkpointing
    assert same(kept, again)


def test_an_update_uses_the_rate_of_its_step_and_a_clipped_gradient(make_run, monkeypatch):
    import torch

    run, seen = make_run(config=TINY.with_values({"max_steps": 4, "clip_norm": 0.01})), []
    real = optimizer_step.update

    def update(run):
        grads = torch.stack([p.grad.norm() for p in run.parameters if p.grad is not None])
        seen.append((run.optimizer.param_groups[0]["lr"], float(grads.norm())))
        real(run)

    monkeypatch.setattr(optimizer_step, "update", update)
    train_steps(run)
    planned = [run.schedule.learning_rate(step) for step in range(4)]
    assert len(set(planned)) > 2
    assert [rate for rate, _ in seen] == planned
    told_steps = told(run, TrainStep)
    assert [step.learning_rate for step in told_steps] == planned
    for step, (_, norm) in zip(told_steps, seen, strict=True):
        assert step.grad_norm > 0.01, "there is something to clip"
        assert norm == pytest.approx(0.01, rel=1e-3)
