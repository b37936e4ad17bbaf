"""Sizes of a model whose family is not known here in detail, from its config and stored tensors.

Families name their sizes and tensors differently, and composite models hold towers for pictures or
sound beside the text part that is trained. What is stored counts, so that nothing is left out: the
linear layers of the text part, and everything else, towers too, as what stays in 16 bits.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from core.models.experts.sizes import experts_per_token
from core.models.families.table import needs_all_scores
from core.models.families.uneven import uneven_of, without_unused
from core.models.shape import DeltaLayers, Experts, ModelShape
from core.models.weights import Tensor
from core.storage.files import JsonObject

_TEXT_PARTS = ("text_config", "llm_config")
_ALIASES = {
    "hidden_size": ("hidden_size", "n_embd", "d_model", "dim", "model_dim", "embedding_dim"),
    "num_hidden_layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
    "num_key_value_heads": ("num_key_value_heads", "num_kv_heads", "n_head_kv"),
    "head_dim": ("head_dim", "attention_head_dim"),
    "intermediate_size": (
        "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff", "block_ff_dim",
    ),
    "vocab_size": ("vocab_size",),
    "max_position_embeddings": (
        "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length",
        "max_sequence_length",
    ),
}  # fmt: skip
_MOST = 10_000_000
_LONGEST = 1_000_000_000
_LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks|block)\.(\d+)\.")
_TOWER = re.compile(
    r"vision|visual|image|audio|speech|tower|projector|merger|resampler|(^|\.)mtp\."
)
_EMBEDDING = re.compile(r"(embed_tokens|wte|word_embeddings?|embed_in|embeddings?|tok_embeddings)$")
_HEAD = re.compile(r"(^|\.)(lm_head|embed_out|output|head)$")
_EXPERTS = re.compile(r"(^|[._])(experts?|moe)([._]|$)")
_NUMBERED = re.compile(r"\.experts\.\d+\.")
_UP = re.compile(r"\.(up_proj|w3)\.weight$")  # stored apart, but one matrix with the gate
_ROUTER = re.compile(r"\.(gate|router|shared_expert_gate|router\.layer)\.weight$")
_BEHIND = (".post_feedforward_layernorm.weight", ".post_mlp_layernorm.weight")
_HEAD_DIM = 64  # where nothing tells: the smallest in use, which asks for the most memory


def text_config(config: JsonObject) -> JsonObject:
    """Return the part of a config that describes the text model, which may be all of it."""
    for name in _TEXT_PARTS:
        if isinstance(part := config.get(name), dict):
            return {**{k: config[k] for k in ("tie_word_embeddings",) if k in config}, **part}
    return config


def is_mixture(tensors: Mapping[str, Tensor]) -> bool:
    """Return whether the layers of the text part hold experts, of which a token uses a few."""
    return any(_EXPERTS.search(name) and _LAYER.search(name) for name in _text(tensors))


def shape_of(
    config: JsonObject, model_type: str, tensors: Mapping[str, Tensor], *, packed: bool
) -> ModelShape:
    """Return the sizes of the text part.

    Args:
        config: of the text part.
        packed: the linears are stored in 4 bits.

    Raises:
        ValueError: config and tensors do not tell, or contradict each other.
    """
    tensors = without_unused(tensors, config, model_type)
    text, uneven = _text(tensors), uneven_of(config, model_type)
    embedding = _embedding(text)
    sizes: dict[str, Any] = _sizes(config, text, embedding, packed=packed)
    tied = config.get("tie_word_embeddings")
    head = 0 if tied else sum(t.size for n, t in text.items() if _HEAD.search(_stem(n)))
    shape = ModelShape.from_dimensions(**sizes, tied_embeddings=not head)
    experts = None if packed else _experts(config, text)
    linears = {name: t for name, t in text.items() if _is_linear(name, t, packed=packed)}
    if experts is not None:
        linears = {name: t for name, t in linears.items() if not _is_of_mixture(name)}
        shape = dataclasses.replace(shape, ffn_size=max(experts.width, _widest(linears)))
    if not linears:
        raise ValueError("no layers")
    linear = sum(t.size * (2 if packed and t.dtype == "U8" else 1) for t in linears.values())
    stored = sum(t.size for name, t in tensors.items() if name not in linears)
    if experts is not None:
        linear, stored = linear + experts.parameters, stored - experts.parameters
    counted = dataclasses.replace(
        shape,
        linear_parameters=linear,
        experts=experts,
        delta=None if packed else _delta(text),
        embedding_parameters=embedding.size,
        head_parameters=head,
        norm_parameters=max(0, stored - embedding.size - head),
        from_layout=True,
        all_scores=needs_all_scores(model_type),
        head_norms=any(name.endswith(".q_norm.weight") for name in text),
        post_norms=any(name.endswith(_BEHIND) for name in text),
    )
    if uneven is not None and (packed or uneven.linears == linear):
        rest = max(0, counted.norm_parameters - uneven.table)
        counted = dataclasses.replace(counted, norm_parameters=rest)
        capped = bool(config.get("final_logit_softcapping"))
        return dataclasses.replace(counted.with_uneven(uneven), capped=capped)
    if packed:
        return counted
    return dataclasses.replace(
        counted,
        linear_widths=sum(sum(t.shape) for t in linears.values()),
        largest_linear=max(t.size for t in linears.values()),
        largest_layer=_largest_layer(linears),
    )


def _largest_layer(linears: Mapping[str, Tensor]) -> int:
    """Return the weights of the layer that has most; 0 where all have as many."""
    sizes: dict[str, int] = {}
    for name, tensor in linears.items():
        if match := _LAYER.search(name):
            sizes[match[1]] = sizes.get(match[1], 0) + tensor.size
    return max(sizes.values()) if len(set(sizes.values())) > 1 else 0


def _experts(config: JsonObject, text: Mapping[str, Tensor]) -> Experts | None:
    """Return the sizes of the experts, whether stored one by one or all of a layer in one block."""
    alone = {
        n: t for n, t in text.items() if _NUMBERED.search(n) and len(t.shape) == 2
    }  # fmt: skip
    blocks = {
        n: t for n, t in text.items() if _EXPERTS.search(n) and _LAYER.search(n) and _is_block(t)
    }
    if not alone and not blocks:
        return None
    numbers = [int(_NUMBERED.search(n)[0].split(".")[2]) for n in alone]  # type: ignore[index]
    count = max([t.shape[0] for t in blocks.values()] + [n + 1 for n in numbers])
    widths = sum(t.shape[0] * sum(t.shape[1:]) for t in blocks.values())
    widths += sum(t.shape[0] if _UP.search(n) else sum(t.shape) for n, t in alone.items())
    largest = [t.size // t.shape[0] for t in blocks.values()]
    largest += [(2 if any(map(_UP.search, alone)) else 1) * t.size for t in alone.values()]
    inner = _number(config, ("moe_intermediate_size", *_ALIASES["intermediate_size"]))
    return Experts(
        count=count,
        per_token=experts_per_token(config),
        parameters=sum(t.size for t in [*alone.values(), *blocks.values()]),
        widths=widths,
        largest=max(largest),
        largest_stack=count * max(largest),
        width=inner
        or max(largest) // max(t.shape[-1] for t in [*alone.values(), *blocks.values()]),
    )


def _is_block(tensor: Tensor) -> bool:
    """Whether it holds a matrix for each of several experts."""
    return len(tensor.shape) == 3 and min(tensor.shape[1:]) > 1


def _is_of_mixture(name: str) -> bool:
    """Whether a tensor [a, b] is not one of the linears beside the experts."""
    is_bias = name.endswith("bias")
    return bool(_NUMBERED.search(name) or _ROUTER.search(name)) or is_bias


def _widest(linears: Mapping[str, Tensor]) -> int:
    """Return the inner width of the widest feed-forward block beside the experts, 0 without any."""
    inner = [
        t.shape[0] for n, t in linears.items() if n.endswith(("gate_proj.weight", ".w1.weight"))
    ]
    return max(inner, default=0)


def _text(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in tensors.items() if not _TOWER.search(name)}


def _stem(name: str) -> str:
    return name.removesuffix(".weight")


def _is_linear(name: str, tensor: Tensor, *, packed: bool) -> bool:
    if not _LAYER.search(name) or (packed and ".weight." in name):
        return False
    return len(tensor.shape) == 2 and min(tensor.shape) > (0 if packed else 1)


def _embedding(text: Mapping[str, Tensor]) -> Tensor:
    found = [
        tensor
        for name, tensor in text.items()
        if len(tensor.shape) == 2
        and not _LAYER.search(name)
        and _EMBEDDING.search(_stem(name))
        and "position" not in name
        and "per_layer" not in name
    ]
    if not found:
        raise ValueError("no embedding")
    return max(found, key=lambda tensor: tensor.size)


def _sizes(
    config: JsonObject, text: Mapping[str, Tensor], embedding: Tensor, *, packed: bool
) -> dict[str, int]:
    given = {name: _number(config, names) for name, names in _ALIASES.items()}
    vocab, hidden = given["vocab_size"] or embedding.shape[0], embedding.shape[1]
    if vocab > embedding.shape[0]:
        raise ValueError(f"{vocab} tokens, but {embedding.shape[0]} are stored")
    numbers = [int(match[1]) for name in text if (match := _LAYER.search(name))]
    layers = given["num_hidden_layers"] or max(numbers, default=0) + 1
    if max(numbers, default=-1) + 1 != layers:
        raise ValueError(f"{layers} layers, but {max(numbers, default=-1) + 1} are stored")
    width = max(hidden, given["hidden_size"])  # a factorised embedding is narrower
    query = 0 if packed else _rows(text, ".q_proj.weight")
    heads = given["num_attention_heads"] or max(1, (query or width) // _HEAD_DIM)
    head_dim = given["head_dim"] or max(1, (query or width) // heads)
    keys = 0 if packed else _rows(text, ".k_proj.weight")
    kv_heads = given["num_key_value_heads"] or max(1, keys // head_dim) if keys else heads
    return {
        "hidden_size": width,
        "layers": layers,
        "heads": heads,
        "kv_heads": given["num_key_value_heads"] or kv_heads,
        "head_dim": head_dim,
        "ffn_size": given["intermediate_size"] or 4 * width,
        "vocab_size": vocab,
        "context_length": _number(config, _ALIASES["max_position_embeddings"], _LONGEST) or 2048,
    }


def _rows(text: Mapping[str, Tensor], ending: str) -> int:
    found = [
        t.shape[0] for name, t in text.items() if name.endswith(ending) and _LAYER.search(name)
    ]
    return max(found, default=0)


def _delta(text: Mapping[str, Tensor]) -> DeltaLayers | None:
    """Return the sizes of gated delta-net layers, from all projections into one and out of it."""
    widths: dict[str, int] = {}
    out = 0
    for name, tensor in text.items():
        layer, _, part = name.partition(".linear_attn.")
        if part.startswith("in_proj_") and len(tensor.shape) == 2:
            widths[layer] = widths.get(layer, 0) + tensor.shape[0]
        elif part == "out_proj.weight":
            out = tensor.shape[-1]
    return DeltaLayers(len(widths), max(widths.values()), out) if widths else None


def _number(config: JsonObject, names: tuple[str, ...], most: int = _MOST) -> int:
    """Return the first size among these names; of one for each layer, the largest. Else 0."""
    for name in names:
        value: Any = config.get(name)
        if isinstance(value, list) and value and all(type(one) is int for one in value):
            value = max(value)
        if type(value) is int and 1 <= value <= most:
            return value
    return 0
