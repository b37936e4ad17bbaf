"""Adapters of experts: exact beside peft's own on unpacked weights, and readable by plain peft."""

import copy

import pytest
import torch
from torch import nn

from core.models.experts.modules import experts_of, matrices
from core.training.adapter import add_adapter, load_adapter, save_adapter
from tests.campaigns.families import CONFIG
from tests.core.models.experts.test_modules import (
    FAMILIES,
    computed,
    gemma_with_experts,  # noqa: F401
    inputs,
    packed_and_own,
)

pytestmark = pytest.mark.usefixtures("gemma_with_experts")

SMALL = CONFIG.with_values({"rank": 8, "alpha": 16})


def moved(model):
    """Give the half of the adapter that begins at zero values."""
    dice = torch.Generator().manual_seed(5)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = parameter.data.float()
        if "lora_B" in name:
            parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.05)
    return model


def logits_and_gradients(model):
    logits = model(input_ids=inputs(), use_cache=False).logits
    logits.square().mean().backward()
    return logits.detach(), {n: p.grad for n, p in model.named_parameters() if "lora_" in n}


@pytest.mark.filterwarnings("ignore:The following rank_pattern")  # peft's, and wrong
@pytest.mark.parametrize("way", ["one by one", "at once", "at once, in parts"])
@pytest.mark.parametrize("family", FAMILIES)
def test_it_computes_what_plain_peft_makes_of_the_saved_adapter(family, way, tmp_path, monkeypatch):
    from peft import PeftModel

    computed(way, monkeypatch)
    packed, own = packed_and_own(family)
    ours = moved(add_adapter(packed, SMALL))
    save_adapter(ours, tmp_path)
    plain = PeftModel.from_pretrained(own, tmp_path, is_trainable=True)
    a, grads = logits_and_gradients(ours)
    b, their_grads = logits_and_gradients(plain)
    assert torch.allclose(a, b, atol=1e-4, rtol=1e-4)
    assert grads.keys() == their_grads.keys()
    for name, grad in grads.items():
        most = float(their_grads[name].abs().max())
        assert most > 0 and torch.allclose(grad, their_grads[name], atol=1e-3 * most), name
    assert any(".experts." in name for name in grads)
    assert not any(".gate." in name or "router" in name for name in grads)


def test_the_base_is_as_before_with_the_adapter_off():
    packed, _ = packed_and_own("gpt_oss")
    with torch.no_grad():
        before = packed(input_ids=inputs(), use_cache=False).logits
        model = moved(add_adapter(packed, SMALL))
        on = model(input_ids=inputs(), use_cache=False).logits
        with model.disable_adapter():
            off = model(input_ids=inputs(), use_cache=False).logits
    assert torch.equal(off, before) and not torch.equal(on, before)


def test_each_expert_has_the_rank_divided_by_the_experts_of_a_token(tmp_path):
    packed, _ = packed_and_own("qwen3_moe")  # two of four
    again = copy.deepcopy(packed)
    model = moved(add_adapter(packed, SMALL))
    ranks = {tuple(m.r.values()) for m in model.modules() if hasattr(m, "parameter_name")}
    assert ranks == {(4,)}
    save_adapter(model, tmp_path)
    loaded = load_adapter(again, tmp_path)
    with torch.no_grad():
        one, other = (m(input_ids=inputs(), use_cache=False).logits for m in (model, loaded))
    assert torch.equal(one, other)


def test_unpacked_experts_are_adapted_in_the_same_way():
    packed, own = packed_and_own("olmoe")
    results = [logits_and_gradients(moved(add_adapter(model, SMALL))) for model in (packed, own)]
    assert torch.allclose(results[0][0], results[1][0], atol=1e-4)
    for _, module in experts_of(own):
        assert all(isinstance(getattr(module, n), nn.Parameter) for n in matrices(module))


def test_layers_that_are_computed_again_give_the_same_gradients():
    from core.chat.packing import collate
    from core.config.engine import EnginePlan
    from core.training.loss import TrainingLoss
    from tests.core.training.setup.test_probe import TEXTS

    packed, _ = packed_and_own("qwen3_moe")
    model = moved(add_adapter(packed, SMALL)).train()
    results = []
    for keep in (None, 0):
        loss = TrainingLoss(model, SMALL, "cpu", EnginePlan(keep_layers=keep))
        loss.one_by_one = False
        model.zero_grad()
        loss(collate(TEXTS))[0].backward()
        results.append({n: p.grad.clone() for n, p in model.named_parameters() if "lora_" in n})
    kept, again = results
    assert model.get_base_model().is_gradient_checkpointing
    for name, grad in kept.items():
        assert grad.any() and torch.allclose(grad, again[name]), name


@pytest.mark.parametrize("family", ["qwen3_moe", "mixtral", "gpt_oss", "granitemoe"])
def test_packed_examples_learn_as_if_each_were_alone(family):
    from core.chat.packing import collate
    from core.training.loss import _by_own_head
    from tests.core.training.setup.test_probe import TEXTS

    packed, _ = packed_and_own(family)
    model = moved(add_adapter(packed, SMALL))
    base, results = model.get_base_model(), []
    for groups in ([TEXTS], [[text] for text in TEXTS]):
        model.zero_grad()
        for group in groups:
            told = family == "gpt_oss"
            _by_own_head(base, collate(group), "cpu", masked=told).sum().backward()
        results.append({n: p.grad.clone() for n, p in model.named_parameters() if "lora_" in n})
    together, alone = results
    for name, grad in alone.items():
        assert torch.allclose(together[name], grad, atol=2e-3 * float(grad.abs().max())), name
