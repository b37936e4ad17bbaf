"""Sizes of Gemma 4, whose layers are not alike, from its config alone.

Every few layers one sees all tokens, with larger heads than those that see a window. The last ones
may use keys and values of earlier layers and have twice the inner width. Each may be given numbers
of its own for every token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from core.models.shape import Uneven
from core.models.weights import Tensor
from core.storage.files import JsonObject

FAMILIES = frozenset({"gemma4_text", "gemma4_unified_text"})
_PATTERN = 6  # the last of so many layers sees all tokens, where the config does not tell
_HEAD_DIM, _GLOBAL_HEAD_DIM, _INPUTS = 256, 512, 256  # where it does not tell either
_KEYS = re.compile(r"(?:^|\.)layers\.(\d+)\.self_attn\.(?:k|v)_(?:proj|norm)\.")

Linear = tuple[str, int, int]


def uneven_of(config: JsonObject, model_type: str) -> Uneven | None:
    """Return the sizes of the text part with this ``config``.

    ``None`` for other families, for mixtures of experts, and where the config does not tell.
    """
    if model_type not in FAMILIES or config.get("enable_moe_block"):
        return None
    default = _INPUTS if model_type == "gemma4_text" else 0
    try:
        inputs = int(config.get("hidden_size_per_layer_input", default) or 0)
        layers = [list(one) for one in _layers(config, inputs)]
        rows = config.get("vocab_size_per_layer_input") or config["vocab_size"]
        return Uneven.of(layers, inputs=inputs, table=rows * inputs * len(layers))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
        return None


def without_unused(
    tensors: Mapping[str, Tensor], config: JsonObject, model_type: str
) -> dict[str, Tensor]:
    """Leave out keys and values of layers that use those of others: they may be stored, too."""
    shared = config.get("num_kv_shared_layers")
    if model_type not in FAMILIES or not shared:
        return dict(tensors)
    first = config["num_hidden_layers"] - shared
    return {
        name: tensor
        for name, tensor in tensors.items()
        if not ((found := _KEYS.search(name)) and int(found[1]) >= first)
    }


def _layers(config: JsonObject, inputs: int) -> Iterator[Iterator[Linear]]:
    count, pattern = config["num_hidden_layers"], config.get("sliding_window_pattern") or _PATTERN
    kinds = config.get("layer_types") or [
        "sliding_attention" if (i + 1) % pattern else "full_attention" for i in range(count)
    ]
    given = {int(i): own for i, own in (config.get("per_layer_config") or {}).items()}
    borrowing = count - (config.get("num_kv_shared_layers") or 0)
    for i in range(count):
        far = kinds[i] == "full_attention" or i == count - 1
        yield _layer({**config, **given.get(i, {})}, inputs, far=far, borrows=i >= borrowing)


def _layer(config: JsonObject, inputs: int, *, far: bool, borrows: bool) -> Iterator[Linear]:
    """Yield the linears of one layer: name, outputs, inputs."""
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    dim, keys = config.get("head_dim") or _HEAD_DIM, config["num_key_value_heads"]
    joint = bool(config.get("attention_k_eq_v")) and far
    if far and "per_layer_config" not in config:
        dim = config.get("global_head_dim") or _GLOBAL_HEAD_DIM
        keys = (joint and config.get("num_global_key_value_heads")) or keys
    wide = 2 if borrows and config.get("use_double_wide_mlp") else 1
    inner = config["intermediate_size"] * wide
    yield "q", heads * dim, hidden
    if not borrows:
        yield "k", keys * dim, hidden
        if not joint:
            yield "v", keys * dim, hidden
    yield "o", hidden, heads * dim
    yield from (("gate", inner, hidden), ("up", inner, hidden), ("down", hidden, inner))
    if inputs:
        yield from (("choice", inputs, hidden), ("choice", hidden, inputs))
