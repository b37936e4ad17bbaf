"""8 bits pass the gate only if they learn the same, and a refusal says why."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from core.config.engine import EnginePlan
from core.events import Notice
from core.jobs.supervisor import read_events
from core.training.checkpoints.checkpoint import random_state
from core.training.engine.fused import fp8
from core.training.setup import precision
from core.training.setup.precision import Parity, compare, settle_precision
from tests.core.training.conftest import TINY

FP8 = EnginePlan(precision="fp8")
ASKED = TINY.with_values({"precision": "fp8"})


def notices(run):
    return [e for e in read_events(run.link.folder) if isinstance(e, Notice)]


def test_a_plan_in_16_bits_is_not_touched(make_run):
    run = make_run()
    settle_precision(run)
    assert run.fallback.plan == EnginePlan() and notices(run) == []


def test_both_precisions_are_compared_on_the_persons_examples(make_run):
    run = make_run()
    run.fallback.follow(FP8)
    found = compare(run)
    assert 0 < found.loss_apart < 0.01
    assert 0.9 < found.cosine < 1
    assert run.fallback.plan == FP8 == run.fallback.loss.engine.plan
    run.fallback.follow(EnginePlan())
    assert compare(run) == Parity(0.0, pytest.approx(1.0))


def test_the_comparison_begins_where_the_adapter_does_something_and_leaves_no_trace(
    make_run, monkeypatch
):
    run, seen = make_run(config=ASKED), []
    run.fallback.follow(FP8)
    before, random = [p.detach().clone() for p in run.parameters], random_state()
    real = precision._loss_and_gradients

    def watched(run, rows):
        torch.rand(1)  # whatever draws random numbers
        loss, (of_a, of_b) = real(run, rows)
        seen.append((run.fallback.loss.engine.plan.precision, bool(of_a.any()), bool(of_b.any())))
        return loss, (of_a, of_b)

    monkeypatch.setattr(precision, "_loss_and_gradients", watched)
    compare(run)
    untrained, trained = (False, True), (True, True)
    steps = [untrained, untrained] + [trained] * 4
    assert [found[1:] for found in seen] == steps
    assert [found[0] for found in seen] == ["fp8", "bf16"] * 3
    assert all(torch.equal(p, value) for p, value in zip(run.parameters, before, strict=True))
    assert all(torch.equal(random_state()[name], random[name]) for name in random)
    assert not run.optimizer.state and all(p.grad is None for p in run.parameters)


def test_a_difference_in_one_half_of_the_adapter_is_enough():
    good, bad = torch.tensor([1.0, 2.0]), torch.tensor([2.0, -1.0])
    large = 100 * torch.ones(9)
    assert (
        precision._worse(Parity(0.0, 1.0), (1.0, [good, large]), (1.0, [bad, large])).cosine < 0.1
    )
    nothing = torch.zeros(2)
    same = precision._worse(Parity(0.0, 1.0), (1.0, [nothing, large]), (1.0, [nothing, large]))
    assert same.holds


def test_what_learns_the_same_is_used(make_run, monkeypatch):
    run = make_run(config=ASKED)
    run.fallback.follow(FP8)
    monkeypatch.setattr(precision, "SAME_DIRECTION", 0.9)
    settle_precision(run)
    assert run.fallback.plan == FP8
    assert [n.code for n in notices(run)] == ["training.fp8"]
    assert all(p.grad is None for p in run.parameters)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Parity(0.02, 1.0), "losses differ by 2.00%"),
        (Parity(0.0, 0.5), "directions agree to 50.0%"),
        (Parity(math.inf, 0.0), "something different"),
        (RuntimeError("no kernel"), "cannot multiply"),
        (torch.OutOfMemoryError("CUDA out of memory."), "more memory than is free"),
    ],
)
def test_anything_else_is_refused_with_its_reason(make_run, monkeypatch, answer, reason):
    def compared(_run):
        if isinstance(answer, Exception):
            raise answer
        return answer

    run = make_run(config=ASKED)
    run.fallback.follow(replace(FP8, keep_layers=1))
    monkeypatch.setattr(precision, "compare", compared)
    settle_precision(run)
    assert run.fallback.plan == EnginePlan(keep_layers=1)
    (notice,) = notices(run)
    assert notice.code == "training.no_fp8" and reason in notice.todo


@pytest.mark.parametrize(
    ("values", "capable", "plan", "reason"),
    [
        ({"engine": "peft"}, True, EnginePlan(), "Only the fast path"),
        ({}, False, FP8, "This graphics card cannot"),
        ({}, True, EnginePlan(), "Only a graphics card"),
    ],
)
def test_where_nothing_is_computed_in_8_bits_nothing_is_promised(
    make_run, monkeypatch, values, capable, plan, reason
):
    run = make_run(config=ASKED.with_values(values))
    run.fallback.follow(plan)
    monkeypatch.setattr(fp8, "has_fp8", lambda _device: capable)
    monkeypatch.setattr(
        precision, "compare", lambda _run: pytest.fail("there is nothing to compare")
    )
    settle_precision(run)
    assert run.fallback.plan.precision == "bf16"
    (notice,) = notices(run)
    assert notice.code == "training.no_fp8" and notice.todo.startswith(reason)


def test_what_another_card_found_counts_too(make_run, monkeypatch):
    run = make_run(config=ASKED)
    run.fallback.follow(FP8)
    run.ranks = SimpleNamespace(least=lambda _mine: 0)
    monkeypatch.setattr(precision, "compare", lambda _run: Parity(0.0, 1.0))
    settle_precision(run)
    (notice,) = notices(run)
    assert notice.todo == "Another card cannot compute in 8 bits with the same result."


def test_the_way_back_to_16_bits_may_be_short_of_memory_too(make_run, monkeypatch):
    run, failed = make_run(config=ASKED), []
    run.fallback.follow(FP8)
    real = run.fallback.loss.follow

    def follow(plan):
        real(plan)
        if plan.precision == "bf16" and not failed:
            failed.append(plan)
            raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(run.fallback.loss, "follow", follow)
    monkeypatch.setattr(precision, "compare", lambda _run: Parity(0.02, 1.0))
    settle_precision(run)
    assert run.fallback.plan.precision == "bf16" == run.fallback.loss.engine.plan.precision


def test_a_fault_of_our_own_is_not_hidden(make_run, monkeypatch):
    run = make_run(config=ASKED)
    run.fallback.follow(FP8)

    def broken(_run):
        raise KeyError("fault")

    monkeypatch.setattr(precision, "compare", broken)
    with pytest.raises(KeyError):
        settle_precision(run)
