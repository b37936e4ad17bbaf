"""The forward pass of experts in 4 bits beside the family's own with the same weights unpacked."""

import copy

import pytest
import torch
from torch import nn

from core.models.experts.modules import compute_one_by_one, experts_of, matrices
from core.models.experts.packing import PackedExperts
from tests.campaigns.families import known
from tests.campaigns.family_models import small_model

FAMILIES = [
    "qwen3_moe", "mixtral", "gpt_oss", "olmoe", "deepseek_v3", "granitemoe", "ernie4_5_moe",
    "qwen2_moe", "glm4_moe",
]  # fmt: skip


def packed_and_own(family):
    """A model in 32 bits whose experts are packed, and one that holds the same, unpacked."""
    packed = small_model(family, known()[family]).eval().requires_grad_(False)
    own = copy.deepcopy(packed)
    own.set_experts_implementation("eager")
    for (_, module), (_, other) in zip(experts_of(packed), experts_of(own), strict=True):
        for name in matrices(module):
            setattr(module, name, PackedExperts.of(getattr(module, name)))
            unpacked = getattr(module, name).all_unpacked()
            setattr(other, name, nn.Parameter(unpacked, requires_grad=False))
    compute_one_by_one(packed)
    return packed, own


def inputs():
    return torch.randint(5, 250, (1, 40), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_and_gradients_are_those_of_the_familys_own_forward(family):
    packed, own = packed_and_own(family)
    results = []
    for model in (packed, own):
        embedded = model.get_input_embeddings()(inputs()).detach().requires_grad_()
        logits = model(inputs_embeds=embedded, use_cache=False).logits
        logits.square().mean().backward()
        results.append((logits.detach(), embedded.grad))
    (ours, d_ours), (theirs, d_theirs) = results
    assert torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4)
    assert torch.allclose(d_ours, d_theirs, atol=1e-3 * float(d_theirs.abs().max()), rtol=1e-3)


def test_nothing_is_kept_but_the_inputs():
    packed, _ = packed_and_own("qwen3_moe")
    _, module = next(experts_of(packed))
    kept = []

    def pack(tensor):
        kept.append(tensor.numel())
        return tensor

    hidden = torch.randn(30, 64, requires_grad=True)
    index = torch.randint(0, 4, (30, 2))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(hidden, index, torch.rand(30, 2))
    assert sorted(kept) == [60, 60, 30 * 64]


def test_only_experts_that_tokens_were_sent_to_are_unpacked(monkeypatch):
    packed, _ = packed_and_own("mixtral")
    _, module = next(experts_of(packed))
    asked = set()
    own = PackedExperts.unpacked
    monkeypatch.setattr(
        PackedExperts, "unpacked", lambda self, e, s=None: (asked.add(e), own(self, e, s))[1]
    )
    hidden = torch.randn(6, 64, requires_grad=True)
    module(hidden, torch.tensor([[1, 3]] * 6), torch.rand(6, 2)).sum().backward()
    assert asked == {1, 3}


def test_a_number_beyond_the_experts_sends_a_token_to_nobody():
    packed, _ = packed_and_own("mixtral")
    _, module = next(experts_of(packed))
    hidden, weights = torch.randn(3, 64), torch.ones(3, 1)
    out = module(hidden, torch.tensor([[0], [4], [1]]), weights)
    assert not out[1].any() and out[0].any() and out[2].any()
