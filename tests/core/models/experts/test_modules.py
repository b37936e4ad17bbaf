"""The forward pass of experts in 4 bits beside the family's own with the same weights unpacked."""

import copy

import pytest
import torch
from torch import nn

from core.models.experts import matrix, modules
from core.models.experts.modules import compute_together, experts_of, matrices
from core.models.experts.packing import PackedExperts
from tests.campaigns.families import known
from tests.campaigns.family_models import CHANGES, GEMMA_4_EXPERTS, small_model

FAMILIES = [
    "qwen3_moe", "mixtral", "gpt_oss", "olmoe", "deepseek_v3", "granitemoe", "ernie4_5_moe",
    "qwen2_moe", "glm4_moe", "gemma4_text",
]  # fmt: skip


@pytest.fixture(autouse=True)
def gemma_with_experts(monkeypatch):
    monkeypatch.setitem(CHANGES, "gemma4_text", GEMMA_4_EXPERTS)


def packed_and_own(family):
    """A model in 32 bits whose experts are packed, and one that holds the same, unpacked."""
    packed = small_model(family, known()[family]).eval().requires_grad_(False)
    own = copy.deepcopy(packed)
    own.set_experts_implementation("eager")
    for (_, module), (_, other) in zip(experts_of(packed), experts_of(own), strict=True):
        for name in matrices(module):
            setattr(module, name, PackedExperts.of(getattr(module, name)))
            unpacked = getattr(module, name).unpacked()
            setattr(other, name, nn.Parameter(unpacked, requires_grad=False))
    compute_together(packed)
    return packed, own


def inputs():
    return torch.randint(5, 250, (1, 40), generator=torch.Generator().manual_seed(1))


WAYS = ["one by one", "at once", "at once, in parts", "one by one, in parts"]


def computed(way, monkeypatch):
    """Let experts compute in one of the ways, that of cards with a kernel for groups among them."""
    at_once = way.startswith("at once")
    monkeypatch.setattr(matrix, "in_one_launch", lambda _like, _widths: at_once)
    if way.endswith("parts"):
        monkeypatch.setattr(matrix, "AT_ONCE", 1)  # an expert at a time


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", FAMILIES)
def test_outputs_and_gradients_are_those_of_the_familys_own_forward(family, way, monkeypatch):
    computed(way, monkeypatch)
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


@pytest.mark.parametrize("family", ["qwen3_moe", "gpt_oss"])
def test_a_few_tokens_of_an_answer_unpack_their_own_experts_alone(family, monkeypatch):
    computed("at once", monkeypatch)
    packed, own = packed_and_own(family)
    asked = []
    plain = PackedExperts.unpacked
    monkeypatch.setattr(
        PackedExperts, "unpacked", lambda self, some: (asked.append(some), plain(self, some))[1]
    )
    with torch.no_grad():
        ours, theirs = (m(inputs()[:, :1], use_cache=False).logits for m in (packed, own))
        assert torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4)
        assert all(some is not None and len(some) == 2 for some in asked)
        asked.clear()
        packed(inputs(), use_cache=False)
    assert all(some is None for some in asked)


def test_the_host_waits_for_nothing_where_all_are_multiplied_at_once(monkeypatch):
    computed("at once", monkeypatch)
    packed, _ = packed_and_own("qwen3_moe")
    _, module = next(experts_of(packed))
    monkeypatch.setattr(torch.Tensor, "tolist", None)
    monkeypatch.setattr(torch.Tensor, "item", None)
    hidden = torch.randn(30, 64, requires_grad=True)
    module(hidden, torch.randint(0, 4, (30, 2)), torch.rand(30, 2)).sum().backward()
    assert hidden.grad.any()


def test_a_layer_that_is_computed_again_leaves_its_experts_out(monkeypatch):
    packed, _ = packed_and_own("qwen3_moe")
    packed.train().activation_checkpointing_enable({"use_reentrant": False})
    layers = packed.config.num_hidden_layers
    outputs = []
    own = modules._Experts.output
    monkeypatch.setattr(modules._Experts, "output", lambda *a: (outputs.append(1), own(*a))[1])
    embedded = packed.get_input_embeddings()(inputs()).detach().requires_grad_()
    packed(inputs_embeds=embedded, use_cache=False).logits.sum().backward()
    assert len(outputs) == layers and embedded.grad.any()


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
        PackedExperts,
        "unpacked",
        lambda self, some: (asked.update(some.tolist()), own(self, some))[1],
    )
    hidden = torch.randn(6, 64, requires_grad=True)
    module(hidden, torch.tensor([[1, 3]] * 6), torch.rand(6, 2)).sum().backward()
    assert asked == {1, 3}


@pytest.mark.parametrize("way", WAYS)
def test_a_number_beyond_the_experts_sends_a_token_to_nobody(way, monkeypatch):
    computed(way, monkeypatch)
    packed, _ = packed_and_own("mixtral")
    _, module = next(experts_of(packed))
    hidden, weights = torch.randn(3, 64), torch.ones(3, 1)
    hidden, weights = hidden.requires_grad_(), weights.requires_grad_()
    out = module(hidden, torch.tensor([[0], [4], [1]]), weights)
    out.sum().backward()
    assert not hidden.grad[1].any() and not weights.grad[1].any() and weights.grad[0].any()
    assert not out[1].any() and out[0].any() and out[2].any()
