"""The loss equals plain transformers' on each example alone, however examples are packed."""

import pytest

from core.chat.packing import IGNORED, Row, collate
from core.config.engine import EnginePlan
from core.training.loss import TrainingLoss, token_losses


@pytest.fixture(scope="module")
def model(tiny_model):
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)


def rows(lengths):
    import random

    dice = random.Random(4)
    made = []
    for length in lengths:
        ids = [dice.randrange(49152) for _ in range(length)]
        made.append(Row(ids, [IGNORED] * (length // 2) + ids[length // 2 :]))
    return made


def alone(model, row) -> float:
    import torch

    ids, labels = torch.tensor([row.ids]), torch.tensor([row.labels])
    with torch.no_grad():
        mean = model(input_ids=ids, labels=labels).loss
    return float(mean) * sum(label != IGNORED for label in row.labels)


def test_packed_examples_do_not_see_each_other(model):
    import torch

    three = rows([17, 5, 30])
    with torch.no_grad():
        packed = float(token_losses(model, collate(three), "cpu").sum())
    assert packed == pytest.approx(sum(alone(model, row) for row in three), rel=1e-5)


def test_examples_may_weigh_differently(model):
    import torch

    from core.config.training import TrainingConfig

    loss = TrainingLoss(model, TrainingConfig(engine="peft"), "cpu")
    three = collate(rows([17, 5, 30]), weights=(1.0, 0.0, -2.0))
    with torch.no_grad():
        total, by_token = loss(three)
    sums = three.by_example(by_token.double().numpy())
    assert float(total) == pytest.approx(sums[0] - 2 * sums[2], rel=1e-4)
    assert [part.weights for part in three.apart()] == [(1.0,), (0.0,), (-2.0,)]
    assert collate(rows([5])).token_weights() is None


def test_only_trained_tokens_count(model):
    import torch

    row = rows([20])[0]
    masked = Row(row.ids, [IGNORED] * 19 + [row.ids[-1]])
    with torch.no_grad():
        loss = float(token_losses(model, collate([masked]), "cpu").sum())
        logits = model(input_ids=torch.tensor([row.ids])).logits[0, -2]
    expected = float(-torch.log_softmax(logits, -1)[row.ids[-1]])
    assert loss == pytest.approx(expected, rel=1e-3)  # one side is bf16


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, ""),
        ({"engine": "peft"}, "switched off in the settings"),
        ({"dropout": 0.1}, "does not support dropout"),
    ],
)
def test_the_engine_computes_where_it_can(make_run, values, reason):
    import torch

    from tests.core.training.conftest import TINY

    run = make_run(config=TINY.with_values(values))
    loss = TrainingLoss(run.model, run.config, "cpu")
    assert reason in loss.why_not
    assert bool(reason) == bool(loss.why_not) == (loss.engine is None)
    batch = collate([run.train.row(i) for i in range(4)])
    run.model.eval()
    with torch.no_grad():
        reference = float(token_losses(run.model, batch, "cpu").sum())
        total, by_token = loss(batch)
    assert float(total) == pytest.approx(reference, rel=5e-3)
    assert len(by_token) == batch.trained_tokens
    assert float(by_token.sum()) == pytest.approx(float(total), rel=1e-5)


def test_recomputing_gives_the_same_gradients(make_run):
    import torch

    from tests.core.training.conftest import TINY

    gradients = []
    for plan in (None, EnginePlan(keep_layers=0)):
        run = make_run(config=TINY.with_values({"engine": "peft"}))
        run.model.train()
        loss = TrainingLoss(run.model, run.config, "cpu", plan)
        loss(collate([run.train.row(i) for i in range(4)]))[0].backward()
        gradients.append([p.grad for p in run.parameters])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))
