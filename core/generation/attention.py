"""Attention for steps: heads that share keys are one query, so that no key is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "sdpa_by_groups"


def grouped_attention(model: PreTrainedModel) -> None:
    """Let a model with PyTorch's own attention use this one; others keep theirs."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    for config in (model.config, model.config.get_text_config()):
        if config._attn_implementation == "sdpa":
            config._attn_implementation = NAME


def attend(  # noqa: PLR0917 - transformers calls it
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Return the output [n, T, heads, size].

    Args:
        module: the attention layer.
        query: [n, heads, T, size].
        key: [n, shared heads, L, size].
        value: as ``key``.
        attention_mask: [n, 1, T, L], true where a key is read.
        scaling: of the scores.
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    n, heads, tokens, size = query.shape
    shared = key.shape[1]
    if tokens > 1 or heads == shared or attention_mask is None:
        result: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **options
        )
        return result
    grouped = query.reshape(n, shared, heads // shared, size)
    out = torch.nn.functional.scaled_dot_product_attention(
        grouped, key, value, attn_mask=attention_mask, scale=scaling
    )
    return out.reshape(n, 1, heads, value.shape[-1]), None
