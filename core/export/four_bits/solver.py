"""Rounds the weights of a linear layer to 4 bits so that its answers change least.

Weights are rounded column by column; each column's error is made good by the columns that are still
to come, as far as the layer's inputs go together. The columns that matter most come first, and each
group's scale is chosen beforehand, so that a reader needs no order of columns.

Source: Frantar et al., 2022, *GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
Transformers*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

LOWEST, HIGHEST = -8, 7
GROUPS = (128, 64, 32)
"""Weights that share a scale: sizes that vLLM's kernels know."""
_DAMPING = 0.01  # of the mean diagonal, as in the paper
_ROWS = 4_096  # whose scales are looked for at once
_BLOCK = 128  # columns whose errors are passed on to the rest at once
_SHARES = tuple(1.0 - 0.04 * step for step in range(10))  # of a scale that holds the largest weight


@dataclass(frozen=True)
class Rounded:
    """A layer in 4 bits.

    Attributes:
        codes: [N, K] int8 from -8 to 7.
        scales: [N, K / group], in the type in which they are stored.
    """

    codes: torch.Tensor
    scales: torch.Tensor

    def weight(self) -> torch.Tensor:
        """Return the weight [N, K] in float32 that a reader computes with."""
        group = self.codes.shape[1] // self.scales.shape[1]
        return self.codes.float() * self.scales.float().repeat_interleave(group, 1)


def group_size(widths: set[int]) -> int | None:
    """Return the largest group that divides the rows of all layers, None for none."""
    return next((size for size in GROUPS if not any(width % size for width in widths)), None)


def rounded(weight: torch.Tensor, squares: torch.Tensor, group: int, dtype: torch.dtype) -> Rounded:
    """Round one weight.

    Args:
        weight: [N, K].
        squares: [K, K] float32, the sum of x xᵀ over what the layer reads.
        group: weights of a row that share a scale; divides K.
        dtype: of the stored scales.
    """
    import torch

    left = weight.float().clone()
    scales = _scales(left, squares.diagonal(), group).to(dtype)
    wide = scales.float().repeat_interleave(group, 1)
    order = torch.argsort(squares.diagonal(), descending=True)
    upper = _inverse_factor(squares, order)
    left, wide = left[:, order], wide[:, order]
    codes = _round_columns(left, wide, upper)
    return Rounded(codes[:, torch.argsort(order)].contiguous(), scales)


def _round_columns(left: torch.Tensor, wide: torch.Tensor, upper: torch.Tensor) -> torch.Tensor:
    """Return the codes [N, K] of the weights ``left``, whose scales are ``wide`` [N, K]."""
    import torch

    codes = torch.empty_like(left, dtype=torch.int8)
    for first in range(0, left.shape[1], _BLOCK):
        last = min(first + _BLOCK, left.shape[1])
        errors = torch.empty_like(left[:, first:last])
        for column in range(first, last):
            value, scale = left[:, column], wide[:, column]
            code = torch.clamp(torch.round(value / scale), LOWEST, HIGHEST)
            codes[:, column] = code.to(torch.int8)
            error = (value - code * scale) / upper[column, column]
            left[:, column:last] -= torch.outer(error, upper[column, column:last])
            errors[:, column - first] = error
        left[:, last:] -= errors @ upper[first:last, last:]
    return codes


def _scales(weight: torch.Tensor, matters: torch.Tensor, group: int) -> torch.Tensor:
    """Return the scale [N, K / group] of each group that loses least, columns weighted."""
    import torch

    importance = matters.reshape(1, -1, group) + 1e-12
    parts = torch.split(weight.reshape(len(weight), -1, group), _ROWS)
    return torch.cat([_scales_of(part, importance) for part in parts])


def _scales_of(rows: torch.Tensor, importance: torch.Tensor) -> torch.Tensor:
    """Return the scale [n, K / group] of ``rows`` [n, K / group, group]."""
    import torch

    largest = rows.abs().amax(-1, keepdim=True).clamp_min(1e-8) / HIGHEST
    best, least = largest, torch.full_like(largest, torch.inf)
    for share in _SHARES:
        scale = largest * share
        code = torch.clamp(torch.round(rows / scale), LOWEST, HIGHEST)
        lost = ((rows - code * scale).square() * importance).sum(-1, keepdim=True)
        best, least = torch.where(lost < least, scale, best), torch.minimum(lost, least)
    found: torch.Tensor = best.squeeze(-1)
    return found


def _inverse_factor(squares: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Return the upper Cholesky factor [K, K] of the inverse of the damped ``squares`` in order.

    Three matrices of its size are held at once: of wide layers one takes a gigabyte.
    """
    import torch

    mean = squares.diagonal().mean().clamp_min(1e-8)
    for strength in (_DAMPING, 0.1, 1.0):  # more where rounding makes it indefinite
        damped = squares[order[:, None], order[None]]
        damped.diagonal().add_(strength * mean)
        lower, failed = torch.linalg.cholesky_ex(damped)
        del damped
        if int(failed):
            continue
        inverse = torch.cholesky_inverse(lower)
        del lower
        upper, failed = torch.linalg.cholesky_ex(inverse, upper=True)
        if not int(failed):
            factor: torch.Tensor = upper
            return factor
    return torch.eye(len(squares), device=squares.device)  # then plain rounding
