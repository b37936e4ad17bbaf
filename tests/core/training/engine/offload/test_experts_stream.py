"""Experts that wait on the host compute what resident ones compute, to the bit."""

import copy

import pytest
import torch

from core.chat.packing import collate
from core.config.engine import EnginePlan
from core.models.experts.modules import experts_of, matrices
from core.training.adapter import adapter_weights, add_adapter, save_adapter, set_adapter_weights
from core.training.engine.offload.experts_stream import ExpertsStream
from core.training.engine.offload.weight_stream import WeightStream
from core.training.loss import TrainingLoss
from tests.core.models.experts.test_modules import (
    FAMILIES,
    gemma_with_experts,  # noqa: F401
    packed_and_own,
)
from tests.core.training.experts.test_wrapper import SMALL, moved
from tests.core.training.setup.test_probe import TEXTS

pytestmark = [
    pytest.mark.usefixtures("gemma_with_experts"),
    pytest.mark.filterwarnings("ignore:The following rank_pattern"),
]


def trained(model, plan):
    """Loss and gradients of a micro-batch, with the loss that computed it."""
    loss = TrainingLoss(model, SMALL, "cpu", plan)
    assert loss.engine is None
    loss.one_by_one = True
    model.zero_grad()
    total = loss(collate(TEXTS))[0]
    total.backward()
    grads = {n: p.grad.clone() for n, p in model.named_parameters() if "lora_" in n}
    return total.detach(), grads, loss


@pytest.mark.parametrize("keep", [None, 0], ids=["kept", "computed again"])
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_are_those_of_resident_experts(family, keep):
    packed, _ = packed_and_own(family)
    model = moved(add_adapter(packed, SMALL)).train()
    other = copy.deepcopy(model)
    total, grads, _ = trained(model, EnginePlan(keep_layers=keep))
    count = len(list(experts_of(other)))
    streamed, others, loss = trained(other, EnginePlan(keep_layers=keep, stream_layers=count))
    assert loss._experts.waiting == set(range(count))
    assert torch.equal(total, streamed)
    assert grads.keys() == others.keys()
    for name, grad in grads.items():
        assert grad.any() and torch.equal(grad, others[name]), name


def sent(monkeypatch):
    """Record which layers are copied to the device."""
    order, send = [], WeightStream._send

    def recorded(self, layer, slot):
        order.append(layer)
        send(self, layer, slot)

    monkeypatch.setattr(WeightStream, "_send", recorded)
    return order


@pytest.mark.parametrize("family", ["qwen3_moe", "glm4_moe", "gpt_oss"])
def test_a_layer_travels_once_up_and_once_down_also_when_computed_again(family, monkeypatch):
    packed, _ = packed_and_own(family)
    model = moved(add_adapter(packed, SMALL)).train()
    order = sent(monkeypatch)
    loss = TrainingLoss(model, SMALL, "cpu", EnginePlan(keep_layers=0, stream_layers=9))
    loss.one_by_one = False
    count = len(loss._experts.waiting)
    assert count > 2
    batch = collate(TEXTS[:1])
    for _ in range(2):
        loss(batch)[0].backward()
    up, down = list(range(count)), list(range(count - 1))[::-1]
    back = [layer for layer in down if layer < count - 2]  # the last two are still there
    again = [layer for layer in up if layer > 1]  # and here the first two
    assert order == up + back + again + back


def test_experts_can_go_and_come_back_between_two_steps():
    packed, _ = packed_and_own("qwen3_moe")
    model = moved(add_adapter(packed, SMALL)).train()
    before = {n: m._parameters[w].unpacked().clone()
              for n, m in experts_of(model) for w in matrices(m)}  # fmt: skip
    results = []
    loss = TrainingLoss(model, SMALL, "cpu", EnginePlan())
    for layers in (0, 2, 4, 1, 0):
        loss.follow(EnginePlan(stream_layers=layers))
        model.zero_grad()
        loss(collate(TEXTS[:1]))[0].backward()
        results.append({n: p.grad.clone() for n, p in model.named_parameters() if "lora_" in n})
    assert loss._experts.waiting == set()
    for found in results[1:]:
        assert all(torch.equal(grad, found[name]) for name, grad in results[0].items())
    after = {n: m._parameters[w].unpacked() for n, m in experts_of(model) for w in matrices(m)}
    assert all(torch.equal(weights, after[name]) for name, weights in before.items())


def test_steps_of_an_optimizer_end_with_the_same_adapter_and_experts_are_not_part_of_it():
    ends = []
    for streams in (0, 3):
        torch.manual_seed(1)
        packed, _ = packed_and_own("gpt_oss")
        model = add_adapter(packed, SMALL).train()
        loss = TrainingLoss(model, SMALL, "cpu", EnginePlan(keep_layers=0, stream_layers=streams))
        loss.one_by_one = True
        trainable = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trainable, lr=1e-2)
        for _ in range(3):
            loss(collate(TEXTS))[0].backward()
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            loss(collate(TEXTS))
        ends.append(adapter_weights(model))
    assert all("lora_" in name for name in ends[1])
    assert all(torch.equal(weights, ends[1][name]) for name, weights in ends[0].items())


def test_a_layer_computed_again_goes_on_downwards_and_a_new_pass_upwards():
    packed, _ = packed_and_own("qwen3_moe")
    stream, asked = ExpertsStream(packed, torch.device("cpu")), []
    stream._weights.need = lambda layer, back=False: asked.append((layer, back))
    for layer, back in ((2, False), (3, False), (3, True), (2, False), (2, True), (0, False),
                        (1, False)):  # fmt: skip
        stream._bring(layer, back=back)
    assert asked == [(2, False), (3, False), (3, True), (2, True), (2, True), (0, True),
                     (1, False)]  # fmt: skip


def test_what_was_saved_goes_on_in_a_model_that_streams_and_is_validated_alike(tmp_path):
    """A run may be resumed where less of the card is free; files know nothing of it."""
    packed, _ = packed_and_own("qwen3_moe")
    other = copy.deepcopy(packed)
    resident = moved(add_adapter(packed, SMALL)).eval()
    streamed = add_adapter(other, SMALL).eval()
    losses = [
        TrainingLoss(model, SMALL, "cpu", EnginePlan(keep_layers=0, stream_layers=layers))
        for model, layers in ((resident, 0), (streamed, 3))
    ]
    set_adapter_weights(streamed, adapter_weights(resident))
    for loss in losses:
        loss.one_by_one = True
    with torch.no_grad():
        one, same = (loss(collate(TEXTS))[1] for loss in losses)
    assert torch.equal(one, same)
    for model, name in ((resident, "a"), (streamed, "b")):
        (tmp_path / name).mkdir()
        save_adapter(model, tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
