"""The gated activation between the two halves of the feed-forward block.

Sources: SwiGLU and GEGLU are from Shazeer, 2020, *GLU Variants Improve Transformer*; SiLU, and GELU
with its tanh approximation, from Hendrycks & Gimpel, 2016, *Gaussian Error Linear Units*.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import gelu, silu

from core.training.engine.fused.dispatch import kernels_for
from core.training.engine.fused.norm import at_least_float

Activation = Literal["silu", "gelu_tanh"]
ROWS = 1024
"""Rows that plain PyTorch handles at a time, so that its fp32 temporaries stay small."""


def gate(gate_up: Tensor, activation: Activation, out: Tensor | None = None) -> Tensor:
    """Return activation(gate) * up [T, F], in ``out`` if given; its rows may be strided.

    Gate and up lie side by side in ``gate_up`` [T, 2F].
    """
    if out is None:
        out = gate_up.new_empty(gate_up.shape[0], gate_up.shape[1] // 2)
    kernels = kernels_for(gate_up)
    if kernels is not None:
        kernels.gate(gate_up, out, activation)
        return out
    for some, target in zip(torch.split(gate_up, ROWS), torch.split(out, ROWS), strict=True):
        g, u = at_least_float(some).chunk(2, dim=1)
        target.copy_(activate(g, activation) * u)
    return out


def gate_backward(gate_up: Tensor, d_out: Tensor, activation: Activation) -> None:
    """Turn ``gate_up`` [T, 2F] into its gradient and ``d_out`` [T, F] into the forward output.

    Both happen in place: neither is needed again, and the output is what the weight gradients of
    the projection behind it are made of.
    """
    kernels = kernels_for(gate_up)
    if kernels is not None:
        kernels.gate_backward(gate_up, d_out, activation)
        return
    for some, d_some in zip(torch.split(gate_up, ROWS), torch.split(d_out, ROWS), strict=True):
        g, u = at_least_float(some).chunk(2, dim=1)
        d = at_least_float(d_some)
        active, slopes = activate(g, activation), slope(g, activation)
        gradient, output = torch.cat((d * u * slopes, d * active), dim=1), active * u
        some.copy_(gradient)
        d_some.copy_(output)


def activate(g: Tensor, activation: Activation) -> Tensor:
    """Return the activation of ``g`` [T, F], in its type."""
    return silu(g) if activation == "silu" else gelu(g, approximate="tanh")


def slope(g: Tensor, activation: Activation) -> Tensor:
    """Return the derivative of the activation at ``g`` [T, F], in its type."""
    if activation == "silu":
        s = torch.sigmoid(g)
        return s * (1 + g * (1 - s))
    inner = 0.7978845608028654 * (g + 0.044715 * g**3)
    t = torch.tanh(inner)
    return 0.5 * (1 + t) + 0.5 * g * (1 - t * t) * 0.7978845608028654 * (1 + 0.134145 * g * g)
