"""Products in 8 bits: every row of either factor is scaled to the range of float8 (e4m3).

Where a card multiplies 8-bit matrices itself, ``torch._scaled_mm`` does it; elsewhere the same
arithmetic runs in 32 bits, for tests. A product's error is about 4 %, mostly independent from
element to element, so that it averages out in losses and gradients; whether it does is measured
before a run relies on it (:mod:`core.training.setup.precision`).

Source: the format is from Micikevicius et al., 2022, *FP8 Formats for Deep Learning*.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.training.engine.fused.dispatch import kernels_for

E4M3 = torch.float8_e4m3fn
LARGEST = 448.0
"""The largest number of that type."""
_SMALLEST_SCALE = 1e-12
_OLDEST = (8, 9)  # compute capability


def has_fp8(device: torch.device) -> bool:
    """Whether products in 8 bits can be had on ``device``; without a card they are imitated."""
    return device.type == "cpu" or torch.cuda.get_device_capability(device) >= _OLDEST


def by_rows(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``x`` [M, K] in 8 bits and the scale [M, 1] (fp32) of each row."""
    scale = _scale(torch.linalg.vector_norm(x, torch.inf, dim=1))[:, None]
    out = torch.empty(x.shape, dtype=E4M3, device=x.device)
    kernels = kernels_for(x)
    if kernels is not None:
        kernels.rows_to_fp8(x, scale, out)
    else:
        out.copy_(_scaled(x, scale))
    return out, scale


def by_columns(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the transpose of ``x`` [M, K] in 8 bits, [K, M], and its rows' scales [K, 1]."""
    scale = _scale(torch.linalg.vector_norm(x, torch.inf, dim=0))[:, None]
    out = torch.empty(x.shape[1], x.shape[0], dtype=E4M3, device=x.device)
    kernels = kernels_for(x)
    if kernels is not None:
        kernels.columns_to_fp8(x, scale, out)
    else:
        out.copy_(_scaled(x.t(), scale))
    return out, scale


def _scale(largest: Tensor) -> Tensor:
    """Return the scales [M] (fp32) that take the largest values [M] of each row to 448."""
    return largest.float().clamp_min(_SMALLEST_SCALE) / LARGEST


def _scaled(x: Tensor, scale: Tensor) -> Tensor:
    """Return ``x`` [M, K] divided by ``scale`` [M, 1] or [1, K], in fp32, within e4m3's range."""
    return (x.float() / scale).clamp_(-LARGEST, LARGEST)


def product(
    left: tuple[Tensor, Tensor], right: tuple[Tensor, Tensor], dtype: torch.dtype
) -> Tensor:
    """Return left right^T [M, N] in ``dtype``.

    Args:
        left: [M, K] in 8 bits and its rows' scales.
        right: [N, K] in 8 bits and its rows' scales.
        dtype: of the result.
    """
    (a, a_scale), (b, b_scale) = left, right
    if a.is_cuda:
        out: Tensor = torch._scaled_mm(
            a, b.t(), scale_a=a_scale, scale_b=b_scale.t(), out_dtype=dtype, use_fast_accum=True
        )
        return out
    return ((a.float() @ b.float().t()) * a_scale * b_scale.t()).to(dtype)
