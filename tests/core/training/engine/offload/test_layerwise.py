"""A model loaded piece by piece is the one that transformers loads."""

import json
import shutil

import pytest
import torch
import transformers
from transformers import PreTrainedModel

from core.config.engine import FUSED_FAMILIES as FAMILIES
from core.errors import UserFacingError
from core.models.config import SUPPORTED
from core.models.loading import load_base
from core.training.engine.offload import host_blocks
from core.training.engine.offload.layerwise import load_layerwise
from core.training.engine.offload.weight_stream import LOADED
from tests.core.models.folders import make_family

FUSED = {
    name for name in SUPPORTED if getattr(transformers, name).config_class.model_type in FAMILIES
}


def _answers(model):
    with torch.no_grad():
        return model(torch.tensor([[5, 6, 7, 130]])).logits


def test_the_families_are_those_of_the_fast_path():
    """But the text part of a model with towers, and those known by their layout: never streamed."""
    others = {"qwen3_vl_text", "glm", "glm4", "granite", "ministral", "ministral3"}
    others |= {"olmo2", "olmo3", "qwen3_5_text", "seed_oss", "smollm3"}
    others |= {"gemma4_text", "gemma4_unified_text"}
    assert others < FAMILIES
    assert len(FUSED) == len(FAMILIES - others)


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
@pytest.mark.parametrize("streams", [lambda _: False, lambda layer: layer == 1])
@pytest.mark.parametrize("family", sorted(FUSED))
def test_it_computes_the_same_to_the_bit(tmp_path, family, quantisation, streams):
    folder = make_family(tmp_path / "base", family)
    model = load_layerwise(folder, quantisation, "cpu", streams, host_embedding=True)
    clean = load_base(folder, quantisation, "cpu")
    clean.train(), model.train()  # bitsandbytes answers otherwise in eval mode on some processors
    assert torch.equal(_answers(model), _answers(clean))
    kinds = [[type(m) for m in loaded.modules()] for loaded in (model, clean)]
    assert kinds[0] == kinds[1]
    assert not any(p.requires_grad for p in model.parameters())
    buffers = [dict(loaded.named_buffers()) for loaded in (model, clean)]
    assert buffers[0].keys() == buffers[1].keys()
    assert all(torch.equal(buffer, buffers[1][name]) for name, buffer in buffers[0].items())


def test_a_streamed_layer_lies_in_one_block_as_soon_as_it_is_loaded(tiny_model, monkeypatch):
    made = []

    def block(layer, size):
        made.append(layer)
        return torch.empty(size, dtype=torch.uint8)

    monkeypatch.setattr(host_blocks, "block", block)
    model = load_layerwise(tiny_model, "nf4", "cpu", lambda layer: layer != 0)
    layers = model.model.layers
    assert sorted(made) == list(range(1, len(layers)))
    assert not hasattr(layers[0], LOADED)
    packed = getattr(layers[1], LOADED)
    begin, end = packed.host.data_ptr(), packed.host.data_ptr() + packed.host.numel()
    weights = [part.weight for part in layers[1].modules() if isinstance(part, torch.nn.Linear)]
    assert weights and all(begin <= weight.data_ptr() < end for weight in weights)
    assert packed.is_of(weights) and not packed.is_of(weights[1:])


def test_a_stored_4_bit_model_in_several_files(tiny_model, tmp_path):
    clean = load_base(tiny_model, "nf4", "cpu")
    clean.save_pretrained(tmp_path, max_shard_size="100KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    model = load_layerwise(tmp_path, "nf4", "cpu", lambda _: True)
    clean.train(), model.train()
    assert torch.equal(_answers(model), _answers(clean))


@pytest.mark.parametrize(
    "rope",
    [
        {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0,
         "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
        {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0,
         "original_max_position_embeddings": 32},
        {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.1] * 6,
         "long_factor": [2.5] * 6, "original_max_position_embeddings": 32},
    ],
)  # fmt: skip
def test_stretched_rotary_tables_are_the_same(tmp_path, rope):
    changes = {"head_dim": 12} if rope["rope_type"] == "longrope" else {}
    folder = make_family(tmp_path / "base", "LlamaForCausalLM", rope_parameters=rope, **changes)
    model = load_layerwise(folder, "none", "cpu", lambda _: True)
    clean = load_base(folder, "none", "cpu")
    assert torch.equal(_answers(model), _answers(clean))
    ids = torch.arange(3, 53)[None]  # longer than the model once was made for
    with torch.no_grad():
        assert torch.equal(model(ids).logits, clean(ids).logits)


def test_a_table_that_nobody_computes_is_refused(tiny_model, monkeypatch):
    monkeypatch.setattr(PreTrainedModel, "_init_weights", lambda *_: None)
    with pytest.raises(UserFacingError) as refusal:
        load_layerwise(tiny_model, "nf4", "cpu", lambda _: True)
    assert refusal.value.code == "model.cannot_load"
    assert "rotary_emb.inv_freq" in refusal.value.details


def test_a_model_with_a_hole_is_refused(tiny_model, tmp_path):
    shutil.copytree(tiny_model, tmp_path / "more layers")
    path = tmp_path / "more layers" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 3}))
    with pytest.raises(UserFacingError) as refusal:
        load_layerwise(path.parent, "nf4", "cpu", lambda _: True)
    assert refusal.value.code == "model.cannot_load"
