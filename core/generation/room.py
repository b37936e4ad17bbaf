"""How much memory conversations take, and how many of them there is room for."""

from __future__ import annotations

from typing import Any, Literal

MOST_CONTEXT, LEAST_CONTEXT = 8192, 512
"""Tokens that a conversation may have."""
SLOTS: dict[Literal["gpu", "cpu"], int] = {"gpu": 8, "cpu": 4}
"""Answers that are written at the same time."""
CONVERSATIONS_SHARE = 0.5
"""Of the memory that is free once the weights are loaded."""
_WRITTEN_OUT_SHARE = 0.6


def can_write_out(wide: int, free: int) -> bool:
    """Return whether a processor may keep 4-bit weights in 16 bits, which are quicker there.

    Args:
        wide: bytes that they take in 16 bits.
        free: bytes that are free beside the packed ones.
    """
    return wide < _WRITTEN_OUT_SHARE * free


def bytes_of_a_token(config: Any) -> int:
    """Return the memory of one token's keys and values in all layers, in bf16.

    Args:
        config: transformers' configuration of the text part.
    """
    try:
        return int(config.num_hidden_layers) * _of_a_layer(config)
    except Exception:  # sizes that differ from layer to layer are not told for all of them
        layers = config.per_layer_config
        return sum(_of_a_layer(layers[i]) for i in range(config.num_hidden_layers))


def _of_a_layer(config: Any) -> int:
    heads = getattr(config, "num_attention_heads", None)
    if not heads:  # a state that does not grow
        return 2 * 2
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    return int(2 * 2 * shared * size)


def free_bytes(device: str) -> int:
    """Return the memory that is free where the answers are made."""
    if not device.startswith("cuda"):
        import psutil

        return int(psutil.virtual_memory().available)
    import torch

    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + kept


def rows_for(config: Any, device: str, context: int, most: int, share: float) -> int:
    """Return how many rows of ``context`` tokens fit into this share of the free memory."""
    fitting = int(free_bytes(device) * share) // (context * bytes_of_a_token(config))
    return max(1, min(most, fitting))
