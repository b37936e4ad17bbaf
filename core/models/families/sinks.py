"""Attention with a learned sink for each head, without ever holding all scores at once.

A sink takes part of each token's attention and gives nothing for it: a further key whose score is
the same for every token (OpenAI, *gpt-oss-120b & gpt-oss-20b Model Card*, 2025; Xiao et al.,
*Efficient Streaming Language Models with Attention Sinks*, 2023). transformers only computes it by
writing down the scores of all pairs of tokens. Here it is a key that PyTorch's own attention sees:
queries, keys and values get further dimensions; the queries' holds the sink's score, that of the
further key holds 1, and that of every other key holds 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

NAME = "attention_with_sinks"
FAMILIES = frozenset({"gpt_oss"})
_MORE = 8  # dimensions; kernels want multiples of 8


def register() -> str:
    """Make the attention known to transformers; return its name there."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    return NAME


def attend(
    _module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None,
    *, s_aux: Tensor, scaling: float, dropout: float = 0.0, **_others: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """Return what attention gives [B, T, H, D], as transformers asks for it.

    Args:
        query: [B, H, T, D].
        key: [B, G, S, D], like ``value``.
        attention_mask: where a token may look [B, 1, T, S]; ``None``: everywhere before it.
        s_aux: the score of each head's sink [H].
    """
    import torch
    from torch.nn.functional import pad, scaled_dot_product_attention

    dim, tokens = query.shape[-1], query.shape[2]
    groups = query.shape[1] // key.shape[1]
    key, value = (part.repeat_interleave(groups, dim=1) for part in (key, value))
    sinks = (s_aux.to(query.dtype) / scaling).view(1, -1, 1, 1).expand(*query.shape[:3], 1)
    q = pad(torch.cat((query, sinks), dim=-1), (0, _MORE - 1))
    k, v = (pad(part, (0, _MORE, 0, 1)) for part in (key, value))  # one more key, of zeros
    mark = torch.zeros_like(k[0, 0])
    mark[-1, dim] = 1
    mask = _with_sink(attention_mask, tokens, key.shape[2], query.device)
    out = scaled_dot_product_attention(
        q, k + mark, v, attn_mask=mask, dropout_p=dropout, scale=scaling
    )
    return out[..., :dim].transpose(1, 2).contiguous(), None


def _with_sink(mask: Tensor | None, tokens: int, keys: int, device: Any) -> Tensor | None:
    """Return the mask [B, 1, T, S + 1]: everyone sees the sink."""
    import torch
    from torch.nn.functional import pad

    if mask is None:
        if tokens == 1:
            return None
        whole = torch.ones(tokens, keys, dtype=torch.bool, device=device)
        mask = whole.tril(keys - tokens)[None, None]
    elif mask.dtype != torch.bool:
        mask = mask == 0
    return pad(mask[..., :keys], (0, 1), value=True)
