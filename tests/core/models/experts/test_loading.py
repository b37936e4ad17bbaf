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
