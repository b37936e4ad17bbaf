"""Gemma 4's layers, counted from a config: by hand, and against transformers' own layers."""

import json

import pytest
import torch
import transformers
from torch import nn

from core.models.families.uneven import uneven_of, without_unused
from core.models.weights import Tensor

E2B = {
    "hidden_size": 1536, "num_hidden_layers": 35, "num_attention_heads": 8, "head_dim": 256,
    "num_key_value_heads": 1, "intermediate_size": 6144, "num_kv_shared_layers": 20,
    "use_double_wide_mlp": True, "vocab_size": 262144, "hidden_size_per_layer_input": 256,
    "global_head_dim": 512, "vocab_size_per_layer_input": 262144,
    "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
}  # fmt: skip
LARGE = {
    "hidden_size": 5376, "num_hidden_layers": 60, "num_attention_heads": 32, "head_dim": 256,
    "num_key_value_heads": 16, "num_global_key_value_heads": 4, "attention_k_eq_v": True,
    "intermediate_size": 21504, "vocab_size": 262144, "hidden_size_per_layer_input": 0,
    "global_head_dim": 512,
}  # fmt: skip


def test_the_smallest_one_by_hand():
    found = uneven_of(E2B, "gemma4_text")
    # 28 layers have heads of 256, 7 of 512; 15 compute keys themselves, 3 of them large ones
    near, far = 8 * 256, 8 * 512
    assert found.query == (28 * near + 7 * far) // 35
    assert found.keys == (12 * 256 + 3 * 512) // 35
    attention = 28 * 2 * near * 1536 + 7 * 2 * far * 1536 + (12 * 512 + 3 * 1024) * 1536
    blocks = 15 * 3 * 6144 * 1536 + 20 * 3 * 12288 * 1536
    assert found.linears == attention + blocks + 35 * 2 * 256 * 1536
    assert found.largest == 12288 * 1536 and found.widest == 12288
    assert found.largest_layer == 2 * far * 1536 + 3 * 12288 * 1536 + 2 * 256 * 1536
    assert found.table == 262144 * 35 * 256
    assert found.lent == 4 * 512


@pytest.mark.parametrize("config", [E2B, LARGE])
def test_they_are_transformers_own_layers(config):
    given = transformers.Gemma4TextConfig(**config)
    with torch.device("meta"):
        model = transformers.Gemma4ForCausalLM(given)
    linears = [m for m in model.model.layers.modules() if isinstance(m, nn.Linear)]
    saved = json.loads(given.to_json_string())  # with sizes by layer
    for form in (config, saved):
        found = uneven_of(form, "gemma4_text")
        assert found.linears == sum(m.weight.numel() for m in linears)
        assert found.widths == sum(sum(m.weight.shape) for m in linears)
        assert found.largest == max(m.weight.numel() for m in linears)


def test_others_are_not_counted_so():
    assert uneven_of(E2B, "gemma3_text") is None
    assert uneven_of({**E2B, "enable_moe_block": True}, "gemma4_text") is None
    assert uneven_of({"num_hidden_layers": 3}, "gemma4_text") is None


def test_keys_that_nothing_uses_are_left_out():
    names = [f"model.layers.{i}.self_attn.{n}_proj.weight" for i in (14, 15) for n in "qkv"]
    tensors = {name: Tensor("BF16", (2, 2)) for name in names}
    kept = without_unused(tensors, E2B, "gemma4_text")
    assert list(kept) == names[:4]
    assert without_unused(tensors, E2B, "gemma3_text") == tensors
