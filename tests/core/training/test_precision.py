"""8 bits pass the gate only if they learn the same, and a refusal says why."""

import math
from dataclasses import replace

import pytest
import torch

from core.jobs.events import Notice
from core.jobs.supervisor import read_events
from core.training import precision
from core.training.engine.plan import EnginePlan
from core.training.precision import Parity, compare, settle_precision

FP8 = EnginePlan(precision="fp8")


def notices(run):
    return [e for e in read_events(run.link.folder) if isinstance(e, Notice)]


def test_a_plan_in_16_bits_is_not_touched(make_run):
    run = make_run()
    settle_precision(run)
    assert run.ladder.plan == EnginePlan() and notices(run) == []


def test_both_precisions_are_compared_on_the_persons_examples(make_run):
    run = make_run()
    run.ladder.follow(FP8)
    found = compare(run)
    assert 0 < found.loss_apart < 0.01
    assert 0.9 < found.cosine < 1
    assert run.ladder.plan == FP8 == run.ladder.loss.engine.plan
    run.ladder.follow(EnginePlan())
    assert compare(run) == Parity(0.0, pytest.approx(1.0))


def test_what_learns_the_same_is_used(make_run, monkeypatch):
    run = make_run()
    run.ladder.follow(FP8)
    monkeypatch.setattr(precision, "SAME_DIRECTION", 0.9)
    settle_precision(run)
    assert run.ladder.plan == FP8
    assert [n.code for n in notices(run)] == ["training.fp8"]
    assert all(p.grad is None for p in run.parameters)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Parity(0.02, 1.0), "losses 2.00% apart"),
        (Parity(0.0, 0.5), "directions 50.0% the same"),
        (Parity(math.inf, 0.0), "something else"),
        (RuntimeError("no kernel"), "cannot multiply"),
        (torch.OutOfMemoryError("CUDA out of memory."), "more memory than is free"),
    ],
)
def test_anything_else_is_refused_with_its_reason(make_run, monkeypatch, answer, reason):
    def compared(_run):
        if isinstance(answer, Exception):
            raise answer
        return answer

    run = make_run()
    run.ladder.follow(replace(FP8, keep_layers=1))
    monkeypatch.setattr(precision, "compare", compared)
    settle_precision(run)
    assert run.ladder.plan == EnginePlan(keep_layers=1)
    (notice,) = notices(run)
    assert notice.code == "training.no_fp8" and reason in notice.todo


def test_a_fault_of_our_own_is_not_hidden(make_run, monkeypatch):
    run = make_run()
    run.ladder.follow(FP8)

    def broken(_run):
        raise KeyError("fault")

    monkeypatch.setattr(precision, "compare", broken)
    with pytest.raises(KeyError):
        settle_precision(run)
