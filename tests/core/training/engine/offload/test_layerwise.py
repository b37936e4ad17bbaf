"""A model loaded piece by piece is the one that transformers loads."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from core.chat.packing import Row, collate
from core.config.engine import FUSED_FAMILIES as FAMILIES
from core.config.engine import EnginePlan
from core.errors import UserFacingError
from core.models.config import SUPPORTED
from core.models.loading import load_base
from core.training.adapter import add_adapter
from core.training.engine.engine import attach
from core.training.engine.offload import host_blocks
from core.training.engine.offload.layerwise import load_layerwise, text_layers
from core.training.engine.offload.weight_stream import LOADED, stored_tensors
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import make_model
from tests.core.models.folders import make_family

FUSED = {
    name for name in SUPPORTED if getattr(transformers, name).config_class.model_type in FAMILIES
}
BY_LAYOUT = {  # those that are known by their layout, and some that have towers beside them
    "gemma3": "gemma3_text", "gemma4": "gemma4_text", "gemma4_text": "gemma4_text",
    "gemma4_unified": "gemma4_unified_text", "gemma4_unified_text": "gemma4_unified_text",
    "glm": "glm", "glm4": "glm4", "granite": "granite", "internvl": "qwen2", "llava": "llama",
    "ministral": "ministral", "ministral3": "ministral3", "mistral3": "mistral", "olmo2": "olmo2",
    "olmo3": "olmo3", "qwen3_5": "qwen3_5_text", "qwen3_5_text": "qwen3_5_text",
    "qwen3_vl": "qwen3_vl_text", "seed_oss": "seed_oss", "smollm3": "smollm3",
}  # fmt: skip


def _answers(model):
    torch.manual_seed(0)  # some have dropout
    with torch.no_grad():
        return model(torch.tensor([[5, 6, 7, 130]])).logits


def test_the_families_are_those_of_the_fast_path():
    detailed = {getattr(transformers, name).config_class.model_type for name in FUSED}
    assert detailed | set(BY_LAYOUT.values()) == FAMILIES


def _stored_as_published(folder, family):
    """As its makers store it, where transformers saves under other names, and with more."""
    path = folder / "model.safetensors"
    tensors = load_file(path)
    old = {"model.language_model.": "language_model.model.", "lm_head.": "language_model.lm_head."}
    if family in {"llava", "mistral3", "gemma3"}:
        for new, before in {**old, "model.": ""}.items():
            tensors = {
                before + name.removeprefix(new) if name.startswith(new) else name: tensor
                for name, tensor in tensors.items()
            }
    if family == "qwen3_5":
        tensors["mtp.norm.weight"] = torch.ones(3)
    if family == "gemma4":  # of a layer that uses the keys of another
        tensors["model.language_model.layers.2.self_attn.k_proj.weight"] = torch.ones(32, 64)
    save_file(tensors, path, {"format": "pt"})


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("family", sorted(BY_LAYOUT))
def test_layouts_and_towers_are_loaded_to_the_bit(tmp_path, family, published):
    folder = make_model(family, known()[family], tmp_path / "base")
    if published:
        _stored_as_published(folder, family)
    clean = load_base(folder, "nf4", "cpu")
    model = load_layerwise(folder, "nf4", "cpu", lambda layer: layer != 1, host_embedding=True)
    kinds = [[type(m) for m in loaded.modules()] for loaded in (model, clean)]
    assert kinds[0] == kinds[1]
    for mine, other in zip(_contents(model), _contents(clean), strict=True):
        assert mine.keys() == other.keys()
        for name, value in mine.items():
            assert value.dtype == other[name].dtype and torch.equal(value, other[name]), name
    assert [hasattr(layer, LOADED) for layer in text_layers(model)] == [True, False, True, True]
    clean.train(), model.train()
    assert torch.equal(_answers(model), _answers(clean))


def _trained(model, config, plan):
    """Loss and gradients of two packed examples by the engine, with an adapter that does much."""
    tuned, ids = add_adapter(model, config, "cpu"), list(range(300, 340))
    for parameter in (p for n, p in tuned.named_parameters() if "lora_B" in n):
        parameter.data.fill_(0.02)
    engine = attach(tuned, plan)
    loss, _ = engine.forward_loss(collate([Row(ids, ids), Row(ids[3:20], ids[3:20])]))
    loss.backward()
    assert engine.weights.waiting == ({0, 1, 2, 3} if plan.stream_layers else set())
    return loss.item(), {n: p.grad for n, p in tuned.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("family", sorted(BY_LAYOUT))
def test_streamed_from_the_file_on_they_learn_the_same_to_the_bit(tmp_path, family):
    folder = make_model(family, known()[family], tmp_path / "base")
    loss, gradients = _trained(load_base(folder, "nf4", "cpu"), CONFIG, EnginePlan())
    model = load_layerwise(folder, "nf4", "cpu", lambda _: True, host_embedding=True)
    lean = EnginePlan(keep_layers=0, offload_inputs=True, host_embedding=True, stream_layers=4)
    again, streamed = _trained(model, CONFIG, lean)
    assert again == loss
    assert streamed.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert gradient.any() and torch.equal(streamed[name], gradient), name


def test_a_model_without_such_layers_is_refused():
    odd = SimpleNamespace(model=SimpleNamespace(), config=SimpleNamespace(name_or_path="a/b"))
    with pytest.raises(UserFacingError) as refusal:
        text_layers(odd)
    assert refusal.value.code == "model.cannot_load" and "“b”" in refusal.value.what


@pytest.mark.parametrize("fault", ["one more", "another shape"])
def test_files_of_another_model_are_refused(tmp_path, fault):
    """Such a family is looked into by its layout only, so this is found while it is loaded."""
    folder = make_model("granite", known()["granite"], tmp_path / "base")
    path = folder / "model.safetensors"
    tensors, name = load_file(path), "model.layers.2.mlp.down_proj.weight"
    if fault == "one more":
        tensors[f"{name}_2"] = torch.ones(3)
    else:
        tensors[name] = tensors[name][:32].clone()
    save_file(tensors, path, {"format": "pt"})
    with pytest.raises(UserFacingError) as refusal:
        load_layerwise(folder, "nf4", "cpu", lambda _: True)
    assert refusal.value.code == "model.mismatch" and name in refusal.value.what


def _contents(model):
    """Parameters with the scales of packed ones, and buffers."""
    parameters = dict(model.named_parameters())
    for name, parameter in list(parameters.items()):
        for number, (holder, part) in enumerate(stored_tensors([parameter])):
            parameters[f"{name} {number}"] = getattr(holder, part)
    return parameters, dict(model.named_buffers())


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
