"""Root-mean-square norm with a frozen weight, forward and backward.

Source: Zhang & Sennrich, 2019, *Root Mean Square Layer Normalization*. The weight that is stored
minus one is the form of the Gemma models. The backward formula is the derivative of the forward
one: with n = h / rms and g = dx * scale, dh = (g - n * mean(g * n)) / rms.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.training.engine.fused.dispatch import kernels_for


def at_least_float(tensor: Tensor) -> Tensor:
    """Return ``tensor`` [any shape] in fp32, or as it is where it is wider."""
    return tensor if tensor.dtype == torch.float64 else tensor.float()


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """A frozen norm: x = h / rms(h) * (weight + offset).

    Attributes:
        weight: [K], any floating type.
        eps: added to the mean square.
        offset: 1 for the families that store the weight minus one.
        scale: [K], weight + offset in at least fp32.
    """

    weight: Tensor
    eps: float
    offset: float = 0.0
    scale: Tensor = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", at_least_float(self.weight.detach()) + self.offset)

    def forward(self, h: Tensor, out: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return x [T, K] (in ``out`` if given) and 1 / rms [T] for ``h`` [T, K]."""
        out = torch.empty_like(h) if out is None else out
        kernels = kernels_for(h)
        if kernels is not None:
            return out, kernels.rms_norm(h, self.weight, self.eps, self.offset, out)
        wide = at_least_float(h)
        rstd = (wide.pow(2).mean(-1) + self.eps).rsqrt()
        out.copy_(wide * rstd[:, None] * self.scale)
        return out, rstd

    def backward(self, dx: Tensor, h: Tensor, rstd: Tensor, residual: Tensor | None) -> Tensor:
        """Return the gradient of ``h`` [T, K] plus ``residual`` [T, K], the path around the norm.

        ``dx`` is overwritten with the result.
        """
        kernels = kernels_for(h)
        if kernels is not None:
            kernels.rms_norm_backward(dx, h, rstd, self.weight, self.offset, residual, dx)
            return dx
        normed = at_least_float(h) * rstd[:, None]
        g = at_least_float(dx) * self.scale
        dh = rstd[:, None] * (g - normed * (g * normed).mean(-1, keepdim=True))
        return dx.copy_(dh if residual is None else dh + residual)


@dataclass(frozen=True, slots=True, eq=False)
class NoNorm:
    """Stands where a family has no norm in front of a block: x = h."""

    scale: None = None

    def forward(self, h: Tensor, out: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return a copy of ``h`` [T, K] (in ``out`` if given) and ones [T]."""
        copy = h.clone() if out is None else out.copy_(h)
        return copy, torch.ones(len(h), dtype=at_least_float(h[:0]).dtype, device=h.device)

    def backward(self, dx: Tensor, _h: Tensor, _rstd: Tensor, residual: Tensor | None) -> Tensor:
        """Return ``dx`` [T, K] plus ``residual`` [T, K]; ``dx`` is overwritten."""
        return dx if residual is None else dx.add_(residual)
