"""Tiny random models in the real layouts of many families, made of transformers' own classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES: dict[str, Any] = {
    "vocab_size": 512, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "moe_intermediate_size": 32, "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4,
    "n_shared_experts": 1, "num_experts_per_tok": 2, "shared_expert_intermediate_size": 32,
    "first_k_dense_replace": 1, "kv_lora_rank": 16, "q_lora_rank": 16, "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8, "v_head_dim": 16, "n_group": 1, "topk_group": 1, "ffn_dim": 128,
}  # fmt: skip
_ONE_WIDTH = {"head_dim": 8, "num_key_value_heads": 4}
_GEMMA_4 = {
    "global_head_dim": 32, "vocab_size_per_layer_input": 512, "hidden_size_per_layer_input": 16,
    "num_kv_shared_layers": 2, "use_double_wide_mlp": True, "sliding_window": 16,
    "layer_types": ["sliding_attention", "full_attention"] * 2, "final_logit_softcapping": 30.0,
}  # fmt: skip
_GEMMA_4_LARGE = {
    "global_head_dim": 32, "attention_k_eq_v": True, "num_global_key_value_heads": 1,
    "layer_types": ["sliding_attention", "full_attention"] * 2, "final_logit_softcapping": 30.0,
    "sliding_window": 16,
}  # fmt: skip
GEMMA_4_EXPERTS = {
    **_GEMMA_4_LARGE, "enable_moe_block": True, "num_experts": 4, "top_k_experts": 2,
    "moe_intermediate_size": 32, "hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0,
}  # fmt: skip
"""The family has dense models and one mixture of experts."""
_DENSE = {
    "num_local_experts": 0, "shared_intermediate_size": 128, "layers_block_type": ["attention"] * 4,
}  # fmt: skip
_ROTARY = {"rope_type": "default", "rope_theta": 10000.0}
_THREE_AXES = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}
_ALL_KEYS = {"num_key_value_heads": 4}
_BYTES = {n: SIZES[n] for n in (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "max_position_embeddings", "vocab_size",
)} | {"num_key_value_heads": 4, "head_dim": 16}  # fmt: skip
_SCALES = {"attention_multiplier": 0.2, "residual_multiplier": 0.4, "logits_scaling": 2.0,
           "embedding_multiplier": 3.0}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        ("granite", "granite_swa", "granitemoe", "granitemoeshared", "granitemoe_swa"), _SCALES
    ),
    "dots3_note": _ALL_KEYS,
    "dots3_note_text": _ALL_KEYS,
    "cohere_compass_text": {"rope_parameters": {"full_attention": _ROTARY}},
    "dbrx": {
        "d_model": 64,
        "n_heads": 4,
        "n_layers": 4,
        "max_seq_len": 512,
        "attn_config": {"kv_n_heads": 2, "clip_qkv": 8, "rope_theta": 10000.0},
        "ffn_config": {
            "ffn_hidden_size": 128,
            "moe_num_experts": 4,
            "moe_top_k": 2,
            "hidden_size": 64,
        },
    },
    "blt": {
        "patcher_config": _BYTES,
        "encoder_config": {**_BYTES, "hidden_size_global": 64},
        "decoder_config": {**_BYTES, "hidden_size_global": 64},
        "global_config": _BYTES,
        "encoder_hash_byte_group_vocab": 64,
        "encoder_hash_byte_group_size": [3, 4],
    },
    "gemma3n_text": {
        "num_kv_shared_layers": 0,
        "layer_types": ["sliding_attention"] * 4,
        "activation_sparsity_pattern": [0.0] * 4,
        "laurel_rank": 8,
        "vocab_size_per_layer_input": 512,
        "hidden_size_per_layer_input": 16,
    },
    "lfm2_moe": {
        "layer_types": ["conv", "full_attention", "conv", "full_attention"],
        "num_dense_layers": 1,
    },
    "zamba2": {
        "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid"],
        "n_mamba_heads": 8,
        "mamba_headdim": 16,
        "mamba_ngroups": 1,
        "adapter_rank": 8,
        "chunk_size": 16,
    },
    "bamba": {"attn_layer_indices": [1, 3]},
    "codegen": {"rotary_dim": 8},
    "gptj": {"rotary_dim": 8},
    "gpt_neo": {"attention_types": [[["global", "local"], 2]], "window_size": 16},
    "mamba2": {"num_heads": 8, "head_dim": 16, "n_groups": 1},
    "gemma4": _GEMMA_4,
    "gemma4_text": _GEMMA_4,
    "gemma4_unified": _GEMMA_4_LARGE,
    "gemma4_unified_text": _GEMMA_4_LARGE,
    "minicpm3": _ONE_WIDTH,
    **dict.fromkeys(
        (
            "deepseek_v2",
            "deepseek_v3",
            "deepseek_v32",
            "axk1",
            "axk2",
            "bailing_hybrid",
            "glm4_moe_lite",
            "glm_moe_dsa",
            "kimi_linear",
        ),
        _ONE_WIDTH,
    ),
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "zaya": {"num_experts_per_tok": 1},
    "youtu": _ONE_WIDTH,
    "granitemoehybrid": {**_DENSE, **_SCALES},
    "glm4v": {"rope_parameters": _THREE_AXES},
    "qwen2_5_vl": {"rope_parameters": _THREE_AXES},
    "qwen2_vl": {"rope_parameters": _THREE_AXES},
}
"""What a family needs besides, for its text part."""
TOWER: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "depth": 2,
    "num_attention_heads": 2, "num_heads": 2, "num_key_value_heads": 2, "head_dim": 16,
    "image_size": 56, "patch_size": 14, "out_hidden_size": 64, "mm_tokens_per_image": 4,
    "fullatt_block_indexes": [1], "deepstack_visual_indexes": [0], "embed_dim": 32,
    "vision_output_dim": 64, "num_global_layers": 1, "intermediate_layers_indices": [0, 1],
}  # fmt: skip
TOWERS: dict[str, dict[str, Any]] = {
    "emu3 itself": {"vocabulary_map": {"<image>": 500, "<|extra_200|>": 501}},
    "dots3_note": {"per_layer_config": None},
}
"""Of composite models: what the tower for pictures needs besides."""
WHOLE = {
    "emu3": "Emu3ForConditionalGeneration",
    "llama4": "Llama4ForConditionalGeneration",
    "qwen3_5": "Qwen3_5ForConditionalGeneration",
    "qwen3_5_moe": "Qwen3_5MoeForConditionalGeneration",
}
"""The class of a published model, where the family's own name is that of its text part."""
NOT_MADE = {
    "dots3_note": "the sizes of its tower differ from layer to layer",
    "emu3": "its part for pictures has 244 million weights at least",
    "gemma3n": "its tower needs Pillow and timm",
    "granite4_vision": "its tower has no small sizes",
    "perception_lm": "its tower needs Pillow and timm",
    "qwen4_exp": "its sparse attention has no small sizes",
    "qwen4_exp_text": "its sparse attention has no small sizes",
    "zamba": "its layers share weights in a way that transformers only knows for all of them",
    "phi4_multimodal": "its part for sound has 870 million weights at least",
}
"""Families of which no tiny model can be made here, and why."""
_MOST = 80_000_000  # weights; a family that is larger has no small sizes here
_FREE_TOKEN = 500

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_model(model_type: str, class_name: str, folder: Path) -> Path:
    """Write a random model of a family as transformers saves it, in 16 bits, with a tokenizer."""
    import torch

    model = small_model(model_type, class_name).to(torch.bfloat16)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def small_model(model_type: str, class_name: str) -> Any:
    """Return a random model of a family, in 32 bits."""
    import torch
    import transformers
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    model_class = getattr(transformers, WHOLE.get(model_type, class_name))
    config_class = CONFIG_MAPPING[model_type]
    torch.manual_seed(7)
    config = _config(config_class, model_type)
    with torch.device("meta"):
        size = sum(p.numel() for p in model_class(config).parameters())
    if size > _MOST:
        raise MemoryError(f"{size:,} weights")
    model = model_class._from_config(config, attn_implementation="eager")
    _spread(model)
    return model


def _config(config_class: Any, model_type: str) -> Any:
    usual, changes = config_class(), CHANGES.get(model_type, {})
    parts = {
        n: v for n, v in vars(usual).items() if n.endswith("_config") and hasattr(v, "to_dict")
    }
    if "text_config" not in parts:
        return _small(usual, SIZES, changes)
    config = usual.to_dict()
    for name, part in parts.items():
        sizes = SIZES if name == "text_config" else TOWER
        more = changes if name == "text_config" else TOWERS.get(model_type, {})
        config[name] = _small(part, sizes, more).to_dict()
    for name in config:
        if name.endswith(("_token_id", "_token_index")) and isinstance(config[name], int):
            config[name] = SIZES.get(name, _FREE_TOKEN)
    config |= TOWERS.get(f"{model_type} itself", {})
    config.pop("model_type")
    return config_class(**config)


def _small(usual: Any, sizes: dict[str, Any], changes: dict[str, Any]) -> Any:
    values = {name: value for name, value in sizes.items() if _has(usual, name)}
    return type(usual)(**{**values, **changes})


def _has(config: Any, name: str) -> bool:
    if isinstance(own := getattr(type(config), name, None), property) and own.fset is None:
        return False
    try:
        getattr(config, name)
    except Exception as error:  # also where a size may differ from layer to layer
        return "per-layer" in str(error)
    return True


def _spread(model: Any) -> None:
    """Let the weights be large enough that what one token sees of another changes its logits."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() in (2, 3) and min(parameter.shape) > 1 and "A_log" not in name:
                is_table = "embed" in name or "wte" in name
                scale = 1.0 if is_table else 1.5 * parameter.shape[-1] ** -0.5
                parameter.normal_(0.0, scale if not is_table else 0.5)


def write_tokenizer(folder: Path) -> None:
    """Write a small tokenizer that can write any text, with a ChatML template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    numbers = {token: number for number, token in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=numbers, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"], chat_template=_TEMPLATE,
    )  # fmt: skip
    fast.save_pretrained(folder)
