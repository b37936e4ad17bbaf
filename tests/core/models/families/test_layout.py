"""Models of families that are known by their layout only: what is read of them, what is refused."""

import dataclasses
import json

import pytest
import torch

from core.config.training import TrainingConfig
from core.errors import UserFacingError
from core.models.experts.packing import PackedExperts
from core.models.families.layout import shape_of, text_config
from core.models.inspection import inspect_model
from core.models.loading import count_parameters, load_base
from core.models.shape import DeltaLayers, ModelShape
from core.models.weights import Tensor
from core.planning.memory import CONTEXT, MemorySettings, memory_need
from core.planning.planner import Room, planned_settings
from core.training.adapter import add_adapter
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import make_model


@pytest.mark.parametrize("family", ["gpt2", "granite", "gemma3", "bloom"])
def test_everything_that_is_stored_is_counted(tmp_path, family):
    facts = inspect_model(make_model(family, known()[family], tmp_path / family))
    model = load_base(facts.folder, "none", "cpu")
    shape = facts.shape
    assert shape.total_parameters == sum(p.numel() for p in model.parameters())
    assert (shape.hidden_size, shape.layers, shape.vocab_size) == (64, 4, 512)
    assert shape.from_layout
    assert shape.all_scores == (family == "bloom")
    assert facts.model_type == {"gemma3": "gemma3_text"}.get(family, family)


def test_layers_that_are_not_alike_are_counted(tmp_path):
    facts = inspect_model(make_model("gemma4_text", known()["gemma4_text"], tmp_path / "m"))
    model = load_base(facts.folder, "none", "cpu")
    every = sum(p.numel() for p in model.parameters()) + 4  # with a number behind each layer
    assert facts.shape.total_parameters == every
    assert facts.shape.uneven.table == 512 * 4 * 16 and facts.shape.capped
    linears = [m for m in model.model.layers.modules() if isinstance(m, torch.nn.Linear)]
    assert facts.shape.linear_parameters == sum(m.weight.numel() for m in linears)
    trained = sum(p.numel() for p in add_adapter(model, CONFIG).parameters() if p.requires_grad)
    assert facts.shape.lora_parameters(CONFIG.rank) == trained


def test_gated_delta_net_layers_are_counted(tmp_path):
    folder = make_model("qwen3_5", known()["qwen3_5"], tmp_path / "m")
    text = text_config(json.loads((folder / "config.json").read_text()))
    keys = text["linear_num_key_heads"] * text["linear_key_head_dim"]
    heads = text["linear_num_value_heads"]
    values = heads * text["linear_value_head_dim"]
    found = inspect_model(folder).shape.delta
    assert found == DeltaLayers(count=3, width=2 * keys + 2 * values + 2 * heads, out=values)


@pytest.mark.parametrize("family", ["qwen3_5", "qwen3_moe"])
def test_sizes_alone_give_what_the_tensors_give(tmp_path, family):
    counted = inspect_model(make_model(family, known()[family], tmp_path / "m")).shape
    names = ("hidden_size", "layers", "heads", "kv_heads", "head_dim", "vocab_size",
             "context_length")  # fmt: skip
    sizes = {name: getattr(counted, name) for name in names}
    ffn = counted.experts.width if counted.experts else counted.ffn_size
    shape = ModelShape.from_dimensions(
        **sizes, ffn_size=ffn, tied_embeddings=counted.tied_embeddings, head_norms=True
    )
    if counted.experts:
        shape = shape.with_experts(count=4, per_token=2)
    else:
        shape = shape.with_delta(**dataclasses.asdict(counted.delta))
    same = ("norm_parameters", "largest_linear", "ffn_size")
    shape = dataclasses.replace(shape, **{name: getattr(counted, name) for name in same})
    assert shape == counted


def test_an_unknown_family_is_planned_with_more(tmp_path):
    shape = inspect_model(make_model("arcee", "ArceeForCausalLM", tmp_path / "m")).shape
    known_shape = dataclasses.replace(shape, from_layout=False)
    settings = MemorySettings()
    need = memory_need(shape, settings)
    assert need.activations > 1.2 * memory_need(known_shape, settings).activations
    scores = memory_need(dataclasses.replace(shape, all_scores=True), settings)
    squares = shape.layers * shape.heads * settings.micro_batch_tokens**2
    assert scores.activations - need.activations == 12 * squares


@pytest.mark.parametrize("family", ["gemma3", "gemma4", "qwen3_5", "granite"])
def test_what_is_known_by_its_layout_is_planned_layer_by_layer_too(tmp_path, family):
    facts = inspect_model(make_model(family, known()[family], tmp_path / "m"))
    room = Room("gpu", CONTEXT["gpu"] + 1_000_000, 64 << 30)
    config = CONFIG.with_values({"max_length": 4096, "micro_batch_tokens": 4096})
    planned = planned_settings(facts.shape, config, room, facts.model_type)
    assert planned.layers == "fused" and planned.stream_layers == facts.shape.layers
    mixture = planned_settings(facts.shape, config, room, "qwen3_moe")
    assert (mixture.layers, mixture.stream_layers) == ("peft", 0)


def test_mixtures_of_another_layout_are_refused_by_name(tmp_path):
    folder = make_model("jetmoe", "JetMoeForCausalLM", tmp_path / "m")
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.unsupported"
    assert "mixture of experts" in refusal.value.what


@pytest.mark.parametrize("family", ["qwen3_moe", "mixtral", "gpt_oss", "granitemoe"])
def test_experts_are_counted_and_planned_in_4_bits(tmp_path, family):
    facts = inspect_model(make_model(family, known()[family], tmp_path / "m"))
    shape, base = facts.shape, load_base(facts.folder, "nf4", "cpu")
    assert shape.total_parameters == count_parameters(base)[1]
    stored = {name: p for name, p in base.named_parameters() if type(p) is PackedExperts}
    assert shape.experts.parameters == sum(p.ds_shape.numel() for p in stored.values())
    assert (shape.experts.count, shape.experts.per_token) == (4, 2)
    adapted = add_adapter(base, CONFIG)
    trained = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    assert shape.lora_parameters(CONFIG.rank) == trained
    one = shape.experts.parameters // shape.experts.count
    assert shape.linear_parameters - shape.met_parameters == 2 * one
    weights = memory_need(shape, MemorySettings()).weights
    in_16_bits = memory_need(shape, MemorySettings(quantisation="none")).weights
    assert in_16_bits - weights == pytest.approx(1.4841 * shape.linear_parameters, rel=1e-3)


def real(family, **sizes):
    """The stored tensors of a real mixture of Qwen 3's layout, by name and shape alone."""
    hidden, inner, count = sizes["hidden_size"], sizes["moe_intermediate_size"], 128
    tensors = {"model.embed_tokens.weight": (151936, hidden), "lm_head.weight": (151936, hidden)}
    for layer in range(sizes["num_hidden_layers"]):
        place = f"model.layers.{layer}"
        tensors |= {f"{place}.self_attn.{n}_proj.weight": (512, hidden) for n in "kv"}
        tensors[f"{place}.self_attn.q_proj.weight"] = (4096, hidden)
        tensors[f"{place}.self_attn.o_proj.weight"] = (hidden, 4096)
        tensors[f"{place}.mlp.gate.weight"] = (count, hidden)
        for expert in range(count):
            one = f"{place}.mlp.experts.{expert}"
            tensors |= {f"{one}.{n}_proj.weight": (inner, hidden) for n in ("gate", "up")}
            tensors[f"{one}.down_proj.weight"] = (hidden, inner)
    return {name: Tensor("BF16", shape) for name, shape in tensors.items()}


def test_a_mixture_of_30_billion_weights_fits_a_card_of_24_gb():
    config = {
        "hidden_size": 2048, "num_hidden_layers": 48, "moe_intermediate_size": 768,
        "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128,
        "intermediate_size": 6144, "num_experts_per_tok": 8, "max_position_embeddings": 40960,
    }  # fmt: skip
    shape = shape_of(config, "qwen3_moe", real("qwen3_moe", **config), packed=False)
    assert shape.total_parameters == pytest.approx(30.5e9, rel=0.01)
    assert shape.met_parameters == pytest.approx(2.7e9, rel=0.05)
    assert shape.lora_parameters(16) < 110e6
    room = Room("gpu", 24_000_000_000, 32 << 30)
    settings = planned_settings(shape, TrainingConfig(), room, "qwen3_moe")
    assert memory_need(shape, settings).total < room.free


@pytest.mark.parametrize("changes", [{"n_layer": 3}, {"vocab_size": 9999}])
def test_a_config_of_another_model_is_refused(tmp_path, changes):
    folder = make_model("gpt2", "GPT2LMHeadModel", tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert refusal.value.code == "model.mismatch"


def test_the_text_part_of_a_config():
    assert text_config({"hidden_size": 1}) == {"hidden_size": 1}
    whole = {"text_config": {"hidden_size": 2}, "tie_word_embeddings": True, "hidden_size": 1}
    assert text_config(whole) == {"hidden_size": 2, "tie_word_embeddings": True}
