"""Models are loaded with their experts in 4 bits, and never whole in 16."""

import itertools

import pytest
import torch

from core.models.experts.modules import experts_of, matrices
from core.models.experts.packing import PackedExperts
from core.models.loading import load_base
from tests.campaigns.families import known
from tests.campaigns.family_models import make_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_model("qwen3_moe", known()["qwen3_moe"], tmp_path_factory.mktemp("m") / "tiny")


def test_experts_are_packed_as_stored_one_by_one(folder):
    whole, packed = load_base(folder, "none", "cpu"), load_base(folder, "nf4", "cpu")
    pairs = list(zip(experts_of(whole), experts_of(packed), strict=True))
    assert len(pairs) == 4
    for (_, in_16_bits), (_, in_4_bits) in pairs:
        for name in matrices(in_4_bits):
            weights = getattr(in_16_bits, name)
            assert weights.dtype == torch.bfloat16
            wanted = PackedExperts.of(weights).unpacked()
            assert torch.equal(getattr(in_4_bits, name).unpacked(), wanted)


def test_a_layer_is_packed_before_the_next_is_put_together(folder, monkeypatch):
    order, pack = [], PackedExperts.of.__func__
    stack = torch.stack

    def of(cls, weights):
        order.append("packed")
        return pack(cls, weights)

    def stacked(tensors, *args, **kwargs):
        out = stack(tensors, *args, **kwargs)
        if out.dim() == 3:
            order.append("together")
        return out

    monkeypatch.setattr(PackedExperts, "of", classmethod(of))
    monkeypatch.setattr(torch, "stack", stacked)
    load_base(folder, "nf4", "cpu")
    assert order.count("packed") == 8
    places = [i for i, what in enumerate(order) if what == "packed"]
    assert max(later - before for before, later in itertools.pairwise(places)) <= 3


def test_dense_models_are_loaded_as_before(tmp_path):
    import bitsandbytes as bnb

    model = load_base(make_model("llama", known()["llama"], tmp_path / "m"), "nf4", "cpu")
    linears = [m for m in model.model.layers.modules() if isinstance(m, torch.nn.Linear)]
    assert linears and all(isinstance(m, bnb.nn.Linear4bit) for m in linears)


def test_experts_that_wait_leave_the_card_layer_by_layer_and_are_the_same(folder, monkeypatch):
    gone, let_wait = [], PackedExperts.let_wait

    def recorded(self):
        gone.append(id(self))
        return let_wait(self)

    monkeypatch.setattr(PackedExperts, "let_wait", recorded)
    asked = set()

    def waits(layer, layers):
        asked.add((layer, layers))
        return layer % 2 == 1

    waiting, resident = load_base(folder, "nf4", "cpu", waits), load_base(folder, "nf4", "cpu")
    assert asked == {(layer, 4) for layer in range(4)}
    pairs = list(zip(experts_of(waiting), experts_of(resident), strict=True))
    for layer, ((_, module), (_, other)) in enumerate(pairs):
        for name in matrices(module):
            weights = getattr(module, name)
            assert (id(weights) in gone) == (layer % 2 == 1)
            assert torch.equal(weights.unpacked(), getattr(other, name).unpacked())
    assert len(gone) == 4


def test_no_room_on_the_card_is_set_aside_for_experts_that_wait(folder):
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.modeling_utils import get_total_byte_count

    from core.models.experts.loading import _quantizer
    from core.models.loading import nf4_config

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    places = {name: "card" for name, _ in model.named_parameters()}
    sizes = [
        get_total_byte_count(model, places, _quantizer(waits)(nf4_config(), pre_quantized=False))[
            "card"
        ]
        for waits in (None, lambda _layer, _layers: True)
    ]
    experts = sum(getattr(m, n).numel() for _, m in experts_of(model) for n in matrices(m))
    assert sizes[0] - sizes[1] == experts // 2  # half a byte each
