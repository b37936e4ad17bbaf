"""Cross-entropy behind a frozen output head, without ever holding all logits.

Only rows that carry loss are computed. Their logits exist one block at a time, and each block is
turned into its gradient as soon as its loss is known: nothing of it is left for the backward pass.

Sources: the gradient of cross-entropy, softmax(logits) - one_hot(target), is in Goodfellow et al.,
2016, *Deep Learning*, 6.2.2. Making it in the forward pass, block by block, is from Hsu et al.,
2024, *Liger Kernel*; the running maximum of the kernel from Milakov & Gimelshein, 2018, *Online
Normalizer Calculation for Softmax*. Capped logits, cap * tanh(logits / cap), are from Gemma Team,
2024, *Gemma 2*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from core.training.engine.fused.dispatch import kernels_for
from core.training.engine.fused.norm import Norm, at_least_float

_ROWS = 64  # of logits that have 32-bit copies while they are capped


@dataclass(frozen=True, slots=True)
class Head:
    """The final norm and the output head: weight [V, K], all frozen.

    Attributes:
        norm: applied to the hidden states first.
        weight: [V, K].
        block_bytes: how large a block of logits may be.
        cap: what logits come near to, but never reach; 0 for no such limit.
    """

    norm: Norm
    weight: Tensor
    block_bytes: int
    cap: float = 0.0

    def rows_per_block(self, rows: int, dtype: torch.dtype) -> int:
        """Return how many of ``rows`` tokens to compute at a time: equal shares, even sizes."""
        most = max(16, self.block_bytes // (self.weight.shape[0] * dtype.itemsize))
        share = -(-rows // max(1, -(-rows // most)))
        return max(1, min(most, -(-share // 128) * 128))


def head_loss(
    h: Tensor, head: Head, rows: Tensor, targets: Tensor, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the summed loss (scalar, fp32) of ``h`` [T, K], differentiable in it, and its terms.

    The terms [R] are the losses of the single tokens, for information: no gradient flows from them,
    and they are not weighted.

    Args:
        h: hidden states after the last layer.
        head: norm and output weight.
        rows: [R] int64, the positions that carry loss.
        targets: [R] int64, the token that each of them must predict.
        weights: [R] fp32, how often each counts in the sum; ``None`` for once.
    """
    if torch.is_grad_enabled() and h.requires_grad:
        pair: tuple[Tensor, Tensor] = _HeadLoss.apply(  # type: ignore[no-untyped-call]
            h, head, rows, targets, weights
        )
        return pair
    x, _ = head.norm.forward(h[rows])
    losses = _token_losses(x, head, targets, gradient=False)
    return _summed(losses, weights), losses


def _summed(losses: Tensor, weights: Tensor | None) -> Tensor:
    return losses.sum() if weights is None else (losses * weights).sum()


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0917 - autograd knows no names
        ctx: Any, h: Tensor, head: Head, rows: Tensor, targets: Tensor, weights: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the sum (scalar) and the losses [R] for ``h`` [T, K]; keep d x [R, K]."""
        chosen = h[rows]
        x, rstd = head.norm.forward(chosen)
        losses = _token_losses(x, head, targets, gradient=True)
        ctx.head, ctx.length = head, h.shape[0]
        ctx.save_for_backward(chosen, x, rstd, rows, weights)
        ctx.mark_non_differentiable(losses)
        return _summed(losses, weights), losses

    @staticmethod
    def backward(ctx: Any, d_loss: Tensor, _: Tensor) -> tuple[Tensor, None, None, None, None]:
        """Return d h [T, K] in the type of ``h`` for ``d_loss`` (scalar)."""
        chosen, dx, rstd, rows, weights = ctx.saved_tensors
        scale = d_loss if weights is None else (d_loss * weights)[:, None]
        dx = (at_least_float(dx) * scale).to(dx.dtype)
        d_chosen = ctx.head.norm.backward(dx, chosen, rstd, None)
        dh = d_chosen.new_zeros(ctx.length, chosen.shape[1])
        return dh.index_copy_(0, rows, d_chosen), None, None, None, None


def _token_losses(x: Tensor, head: Head, targets: Tensor, *, gradient: bool) -> Tensor:
    """Return the losses [R]; with ``gradient``, ``x`` [R, K] becomes the gradient of their sum."""
    weight = head.weight.to(x.dtype)
    size = head.rows_per_block(x.shape[0], x.dtype)
    losses = [x.new_zeros(0, dtype=torch.promote_types(x.dtype, torch.float32))]
    for some, target in zip(torch.split(x, size), torch.split(targets, size), strict=True):
        logits = some @ weight.t()
        slopes = _capped(logits, head.cap, gradient=gradient) if head.cap else None
        losses.append(_cross_entropy(logits, target, gradient))
        if gradient:
            if slopes is not None:
                logits.mul_(slopes)
            torch.mm(logits, weight, out=some)
        del logits, slopes  # before the next block is made: there is never more than one
    return torch.cat(losses)


def _capped(logits: Tensor, cap: float, *, gradient: bool) -> Tensor | None:
    """Cap ``logits`` [R, V] in place, and return the slope of that [R, V] if ``gradient``."""
    slopes = torch.empty_like(logits) if gradient else None
    for at in range(0, len(logits), _ROWS):
        some = logits[at : at + _ROWS]
        share = at_least_float(some).div(cap).tanh_()
        if slopes is not None:
            slopes[at : at + _ROWS] = 1 - share * share
        some.copy_(share.mul_(cap))
    return slopes


def _cross_entropy(logits: Tensor, targets: Tensor, gradient: bool) -> Tensor:
    """Return the losses [R]; with ``gradient``, ``logits`` [R, V] become their own gradient."""
    kernels = kernels_for(logits)
    if kernels is not None:
        losses: Tensor = kernels.cross_entropy(logits, targets, gradient)
        return losses
    log_p = log_softmax(at_least_float(logits), dim=-1)
    picked = log_p.gather(1, targets[:, None])
    if gradient:
        grad = log_p.exp_().scatter_add_(1, targets[:, None], -torch.ones_like(picked))
        logits.copy_(grad)
    return -picked[:, 0]
