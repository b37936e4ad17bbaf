"""Rotary position embedding, written in place or into a wider buffer.

Source: Su et al., 2021, *RoFormer: Enhanced Transformer with Rotary Position Embedding*. Here
dimension i turns with i + P / 2, as in GPT-NeoX and transformers, not with its neighbour as in the
paper.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.training.engine.fused.dispatch import kernels_for


def rotate(src: Tensor, dst: Tensor, cos: Tensor, sin: Tensor, *, back: bool = False) -> None:
    """Rotate the first dimensions of every head.

    Args:
        src: [T, H, D]; rows and heads may be strided.
        dst: [T, H, D], may be ``src`` itself.
        cos: [T, P / 2] where the first P <= D dimensions turn; dimension i turns with i + P / 2.
        sin: [T, P / 2].
        back: the transposed rotation, which carries gradients from ``dst`` to ``src``.
    """
    half = cos.shape[1]
    kernels = kernels_for(src)
    if dst is not src:
        dst[..., 2 * half :] = src[..., 2 * half :]
    if kernels is not None and half & (half - 1) == 0:
        kernels.rotate(src, dst, cos, sin, -1.0 if back else 1.0)
        return
    c, s = cos[:, None], -sin[:, None] if back else sin[:, None]
    first, second = src[..., :half], src[..., half : 2 * half]
    turned = first * c - second * s, second * c + first * s
    dst[..., :half], dst[..., half : 2 * half] = turned


def gather_heads(heads: Sequence[Tensor], cos: Tensor, sin: Tensor, out: Tensor) -> None:
    """Write dq [T, H, D] and dk [T, G, D], turned back, and dv [T, G, D] into ``out``.

    ``heads`` are these three; ``out`` is [T, (H + 2 G) D] with them side by side.
    """
    dq, dk, dv = heads
    kernels = kernels_for(dq)
    half = cos.shape[1]
    if kernels is not None and 2 * half == dq.shape[2] and half & (half - 1) == 0:
        kernels.gather_heads(*(x.contiguous() for x in heads), cos, sin, out)
        return
    rows = out.view(len(out), -1, dq.shape[2])
    to_q, to_k, to_v = torch.split(rows, [x.shape[1] for x in heads], dim=1)
    rotate(dq, to_q, cos, sin, back=True)
    rotate(dk, to_k, cos, sin, back=True)
    to_v.copy_(dv)
