"""A real small run that learns from judgements: its gradient, its way, the same when resumed."""

import dataclasses

import numpy as np
import pytest

from core.events import TrainStep, Validation
from core.jobs.link import Request
from core.training import judged
from core.training import step as optimizer_step
from core.training.adapter import adapter_weights
from core.training.loop import train_steps
from core.training.preferences.objective import Objective
from core.training.preferences.rows import Preferences, judged_rows
from core.training.resumption import resume
from core.training.schedule import Schedule
from tests.core.training.conftest import TINY, same, told
from tests.core.training.preferences.examples import judgements

ALL = ("pair", "good", "bad")
SMALL = TINY.with_values({"learning_rate": 2e-3, "epochs": 3.0})


@pytest.fixture
def judged_run(make_run, tokenizer):
    def make(name="a", config=SMALL, kinds=ALL):
        run = make_run(name, config)
        train, unseen = (
            judged_rows(tokenizer, judgements(count, kinds, seed), config.max_length)
            for count, seed in ((24, 1), (9, 2))
        )
        objective = Objective(beta=0.5, anchor=0.02).balanced(train.kinds)
        run = dataclasses.replace(
            run,
            schedule=Schedule(config, len(train)),
            train=train.table,
            validation=unseen.table,
            preferences=Preferences(objective, train, unseen),
        )
        judged.measure_start(run, run.link.folder)
        return run

    return make


def through_the_model(run, chosen):
    """The objective as the papers write it, all of it in torch."""
    import torch

    preferences, sums = run.preferences, []
    for row in judged.rows_of(chosen):
        (batch,) = run.micro_batches(run.train, [row])
        sums.append(run.fallback.loss(batch)[0])
    now = torch.stack(sums).double().reshape(-1, 2)
    start = torch.from_numpy(preferences.start["train"].reshape(-1, 2)[chosen])
    gain, kinds = start - now, preferences.train.kinds[chosen]
    z0 = gain[torch.from_numpy(kinds != 0), 1].mean().clamp(min=0).detach()
    beta, total = preferences.objective.beta, 0.0
    for n, kind in enumerate(kinds):
        if kind == 0:
            total = total - torch.nn.functional.logsigmoid(beta * (gain[n, 0] - gain[n, 1]))
        else:
            sign = 1 if kind == 1 else -1
            share = preferences.objective.good if kind == 1 else preferences.objective.bad
            total = total + share * (1 - torch.sigmoid(sign * beta * (gain[n, 0] - z0)))
        if kind != 2:
            anchor = preferences.objective.anchor / preferences.train.tokens[chosen[n]]
            total = total + anchor * now[n, 0]
    return total / len(kinds)


def test_the_gradient_is_that_of_the_objective_through_the_model(judged_run):
    import torch

    run = judged_run()
    with torch.no_grad():
        for parameter in run.parameters:  # away from the start
            parameter.add_(0.02 * torch.randn_like(parameter))
    run.model.train()
    chosen = run.schedule.batch(0)
    loss = through_the_model(run, chosen)
    loss.backward()
    expected = [p.grad.clone() for p in run.parameters]
    run.optimizer.zero_grad()
    found = judged.gradient(run, chosen, optimizer_step.backward)
    assert found == pytest.approx(float(loss.detach()), rel=1e-2)
    for one, other in zip(run.parameters, expected, strict=True):
        assert torch.norm(one.grad - other) <= 0.04 * torch.norm(other) + 1e-6


@pytest.mark.parametrize("kinds", [("pair",), ("good", "bad"), ALL])
def test_what_was_preferred_is_learned(judged_run, kinds):
    run = judged_run(kinds=kinds)
    train_steps(run)
    checks = told(run, Validation)
    assert checks[0].loss > 1.1 * run.position.best_loss
    unseen = range(len(run.preferences.validation))
    now = judged.row_losses(run, "validation", judged.rows_of(unseen))
    assert run.preferences.judge("validation", unseen, now).agrees.mean() > 0.8
    steps = told(run, TrainStep)
    assert len(steps) == run.schedule.total_steps and not steps[0].rows
    assert steps[0].trained_tokens > 0


def test_a_resumed_run_ends_with_the_same_bytes(judged_run, monkeypatch):
    whole, parts = judged_run("whole"), judged_run("parts")
    train_steps(whole)
    answers = iter([Request.RUN] * 4)
    monkeypatch.setattr(parts.link, "request", lambda: next(answers, Request.STOP))
    train_steps(parts)
    from core.training.saving import save

    save(parts)
    again = judged_run("parts")
    resume(again)
    assert 0 < again.position.step < whole.position.step
    assert np.array_equal(again.preferences.start["train"], whole.preferences.start["train"])
    train_steps(again)
    assert same(whole, again)
    assert whole.position.best_loss == again.position.best_loss


def test_the_start_is_measured_once_and_again_only_for_another_run(judged_run, monkeypatch):
    run = judged_run()
    calls = []
    monkeypatch.setattr(
        judged, "_measured", lambda _run, part, n: calls.append(part) or np.ones(2 * n)
    )
    judged.measure_start(run, run.link.folder)
    assert not calls
    run.position = run.position.model_copy(update={"fingerprint": "another"})
    judged.measure_start(run, run.link.folder)
    assert calls == ["train", "validation"]
    run.link.folder.reference_file.write_text("{")
    judged.measure_start(run, run.link.folder)
    assert len(calls) == 4


def test_too_little_memory_halves_the_micro_batches_of_a_step(judged_run, monkeypatch):
    import torch

    run = judged_run(config=SMALL.with_values({"max_steps": 1}))
    before = {k: v.clone() for k, v in adapter_weights(run.model).items()}
    real, refused = run.fallback.loss, []

    class Refusing:
        def __call__(self, batch):
            if torch.is_grad_enabled() and batch.ids.shape[1] > 150:
                refused.append(batch)
                raise torch.OutOfMemoryError("out of memory")
            return real(batch)

        def follow(self, plan):
            real.follow(plan)

    run.fallback.loss = Refusing()
    train_steps(run)
    assert refused and run.position.step == 1
    assert any((before[k] != v).any() for k, v in adapter_weights(run.model).items())
