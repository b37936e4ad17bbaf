"""Small model folders made on the spot: real safetensors files, random numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from core.models.shape import block_linears

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
    "vocab_size": 100,
    "max_position_embeddings": 512,
    "tie_word_embeddings": True,
}
_LINEARS = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)


def weights(config: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return half-precision tensors that fit a Llama-like config."""
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    shapes = block_linears(
        hidden, heads, config["num_key_value_heads"], hidden // heads, config["intermediate_size"]
    )
    tensors = {
        "model.embed_tokens.weight": (config["vocab_size"], hidden),
        "model.norm.weight": (hidden,),
    }
    if not config["tie_word_embeddings"]:
        tensors["lm_head.weight"] = (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        block = f"model.layers.{layer}."
        for name, shape in zip(_LINEARS, shapes, strict=True):
            tensors[f"{block}{name}.weight"] = shape
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{block}{norm}.weight"] = (hidden,)
    random = np.random.default_rng(0)
    return {n: random.standard_normal(s).astype(np.float16) for n, s in tensors.items()}


def make_model(folder: Path, **changes: Any) -> Path:
    """Write a complete two-layer model folder; ``changes`` go into ``config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG | changes
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    save_file(weights(config), folder / "model.safetensors")
    return folder
