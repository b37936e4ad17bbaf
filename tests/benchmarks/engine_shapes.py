"""Random models of real shapes in NF4, and the examples that every engine is measured on."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import numpy as np

SHAPES = {
    "tiny": (1024, 128, 352, 4, 4, 2),
    "smollm2-135m": (49152, 576, 1536, 30, 9, 3),
    "llama-1b": (128256, 2048, 8192, 16, 32, 8),
    "llama-3b": (128256, 3072, 8192, 28, 24, 8),
    "llama-8b": (128256, 4096, 14336, 32, 32, 8),
    "qwen-14b": (152064, 5120, 13824, 48, 40, 8),
    "qwen-32b": (152064, 5120, 27648, 64, 40, 8),
    "llama-70b": (128256, 8192, 28672, 80, 64, 8),
}
"""vocabulary, width, feed-forward width, layers, query heads, key heads"""

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def config_of(shape: str):
    """Return the transformers configuration of ``shape``."""
    from transformers import LlamaConfig

    vocabulary, width, feed_forward, layers, heads, key_heads = SHAPES[shape]
    return LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=feed_forward,
        num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=key_heads,
        max_position_embeddings=8192, rms_norm_eps=1e-5, tie_word_embeddings=width < 2048,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0}, dtype="bfloat16",
        bos_token_id=vocabulary - 3, eos_token_id=vocabulary - 2, pad_token_id=vocabulary - 1,
    )  # fmt: skip


def shape_of(shape: str):
    """Return what the planner knows about ``shape``."""
    from core.models.shape import ModelShape

    vocabulary, width, feed_forward, layers, heads, key_heads = SHAPES[shape]
    return ModelShape.from_dimensions(
        hidden_size=width, layers=layers, heads=heads, kv_heads=key_heads, ffn_size=feed_forward,
        vocab_size=vocabulary, context_length=8192, tied_embeddings=width < 2048,
    )  # fmt: skip


def in_memory(shape: str, device: str, streams=lambda layer: False):
    """Return a random NF4 model of ``shape`` without any file, layer by layer.

    Args:
        streams: whether the weights of layer i go to the host's memory.
    """
    import bitsandbytes as bnb
    import torch
    from torch import nn
    from transformers import LlamaForCausalLM

    from core.training.engine.offload.weight_stream import stored_tensors

    torch.manual_seed(0)
    with torch.device("meta"):
        model = LlamaForCausalLM._from_config(config_of(shape), attn_implementation="sdpa")
        for name, module in list(model.model.named_modules()):
            if isinstance(module, nn.Linear):
                packed = bnb.nn.Linear4bit(
                    module.in_features, module.out_features, False, torch.bfloat16, quant_type="nf4"
                )
                model.model.set_submodule(name, packed)
    model.is_loaded_in_4bit = True  # peft asks for it
    for name, module in model.named_modules():
        for part, parameter in list(module.named_parameters(recurse=False)):
            wide = torch.randn(parameter.shape, dtype=torch.bfloat16, device=device) * 0.02
            if not isinstance(module, bnb.nn.Linear4bit):
                wide = torch.ones_like(wide) if wide.dim() == 1 else wide
                setattr(module, part, nn.Parameter(wide, requires_grad=False))
                continue
            module.weight = bnb.nn.Params4bit(wide, quant_type="nf4", module=module).to(device)
            if streams(int(name.split(".")[2])):
                for holder, attribute in stored_tensors([module.weight]):
                    setattr(holder, attribute, getattr(holder, attribute).cpu())
    model.tie_weights()
    with torch.device(device):
        model.model.rotary_emb = type(model.model.rotary_emb)(config=model.config)
    return model.requires_grad_(False)


def quantisation():
    """Return NF4 with double quantisation and bf16 products."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )  # fmt: skip


def make_wide(shape: str, folder: Path, device: str) -> None:
    """Write a random model of ``shape`` in 16 bits into ``folder``, without a tokenizer."""
    import torch
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = LlamaForCausalLM(config_of(shape))
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder, max_shard_size="4GB")
    del model
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def make(shape: str, folder: Path, device: str) -> None:
    """Write a random NF4 model of ``shape`` with a small tokenizer into ``folder``."""
    import torch
    from transformers import AutoModelForCausalLM

    wide = folder.with_name(folder.name + "-bf16")
    make_wide(shape, wide, device)
    model = AutoModelForCausalLM.from_pretrained(
        wide, quantization_config=quantisation(), dtype=torch.bfloat16, device_map={"": device}
    )
    model.save_pretrained(folder)
    shutil.rmtree(wide)
    _tokenizer(SHAPES[shape][0]).save_pretrained(folder)


def _tokenizer(vocabulary: int):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {f"t{i}": i for i in range(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="t0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="t0", bos_token=f"t{vocabulary - 3}",
        eos_token=f"t{vocabulary - 2}", pad_token=f"t{vocabulary - 1}",
    )  # fmt: skip


def examples(count: int, length: int, spread: bool, vocabulary: int) -> list[list[int]]:
    """Return token lists: all of ``length``, or log-normal around that mean with ``spread``.

    The tokens follow a random walk with small steps, so that there is something to learn.
    """
    numbers = np.random.default_rng(0)
    lengths = np.full(count, length)
    if spread:
        lengths = numbers.lognormal(np.log(length) - 0.32, 0.8, count).clip(16, 2048).astype(int)
    walks = (numbers.integers(0, 1000) + numbers.integers(0, 3, n).cumsum() for n in lengths)
    return [(walk % (vocabulary - 8)).tolist() for walk in walks]
