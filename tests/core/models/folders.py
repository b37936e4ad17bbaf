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


FAMILY_SIZES: dict[str, Any] = {
    "vocab_size": 131, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "max_position_embeddings": 128, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
_MIXED = {"layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
FAMILY_CHANGES: dict[str, dict[str, Any]] = {
    "Gemma2ForCausalLM": {**_MIXED, "sliding_window": 8, "query_pre_attn_scalar": 16},
    "Gemma3ForCausalLM": {**_MIXED, "sliding_window": 8, "query_pre_attn_scalar": 16},
}


def make_family(folder: Path, architecture: str, **changes: Any) -> Path:
    """Write a random model of a supported family as transformers saves it, in bf16."""
    import torch
    import transformers

    model_class = getattr(transformers, architecture)
    values = {**FAMILY_SIZES, **FAMILY_CHANGES.get(architecture, {}), **changes}
    torch.manual_seed(7)
    model = model_class(model_class.config_class(**values)).to(torch.bfloat16)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:  # norms and biases that are not their defaults find more faults
            torch.nn.init.normal_(parameter, 0.0 if "bias" in name else 1.0, 0.2)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    return folder
