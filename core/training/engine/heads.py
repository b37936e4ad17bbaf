"""From the joint q-k-v product to turned attention heads, and their gradients back into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.training.engine.attention import Positions, attend
from core.training.engine.fused.norm import Norm
from core.training.engine.fused.rotary import gather_heads, rotate

WayBack = Callable[[Tensor], Tensor]
"""Takes the gradient of what was mixed [T, W] to that of the product before it [T, N]."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the way back needs where heads are normed: the product and the norms' 1 / rms."""

    qkv: Tensor
    query_rstd: Tensor
    key_rstd: Tensor


@dataclass(frozen=True, slots=True)
class Heads:
    """The attention heads of a layer.

    Attributes:
        query: H, the query heads.
        key: G, the key heads, each with its value head.
        dim: D, the width of a head.
        scale: multiplied to the scores.
        query_norm: norms each query head before it is turned, in some families.
        key_norm: the same for key heads; there are both or neither.
        window: how many tokens attention reaches back, itself included; ``None`` without limit.
        interleaved: what is turned together lies side by side, not half a head apart.
    """

    query: int
    key: int
    dim: int
    scale: float
    query_norm: Norm | None = None
    key_norm: Norm | None = None
    window: int | None = None
    interleaved: bool = False

    def mixed(self, qkv: Tensor, positions: Positions) -> tuple[Tensor, WayBack]:
        """Return the attention output [T, H D] of ``qkv`` [T, (H + 2 G) D], and the way back."""
        turned, kept = self.turned(qkv, positions.cos, positions.sin)
        positions.scaled(turned[0])
        attended, pull_back = attend(*turned, positions.segments, self.scale, window=self.window)

        def way_back(d: Tensor) -> Tensor:
            gradients = list(pull_back(d.view(len(d), -1, self.dim)))
            gradients[0] = positions.scaled(gradients[0])
            return self.gathered(gradients, kept, positions.cos, positions.sin)

        return attended.flatten(1), way_back

    def split(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return q [T, H, D], k and v [T, G, D] as views of ``qkv`` [T, (H + 2 G) D]."""
        heads = qkv.view(len(qkv), -1, self.dim)
        q, k, v = torch.split(heads, [self.query, self.key, self.key], dim=1)
        return q, k, v

    def turned(
        self, qkv: Tensor, cos: Tensor, sin: Tensor
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Kept | None]:
        """Return q [T, H, D], k and v [T, G, D] of ``qkv`` [T, (H + 2 G) D], normed and turned.

        It is done in place in ``qkv`` unless heads are normed; ``cos`` and ``sin`` are [T, P / 2].
        """
        q, k, v = self.split(qkv)
        if self.query_norm is None or self.key_norm is None:
            both = self._turning(qkv)
            if self.interleaved:  # queries and keys alike, so that their products stay
                _halves(both[..., : 2 * cos.shape[-1]])
            rotate(both, both, cos, sin)
            return (q, k, v), None
        q, query_rstd = normed(q, self.query_norm)
        k, key_rstd = normed(k, self.key_norm)
        rotate(q, q, cos, sin)
        rotate(k, k, cos, sin)
        return (q, k, v), Kept(qkv, query_rstd, key_rstd)

    def gathered(
        self, gradients: Sequence[Tensor], kept: Kept | None, cos: Tensor, sin: Tensor
    ) -> Tensor:
        """Return d qkv [T, (H + 2 G) D] from the gradients of what :meth:`turned` gave."""
        dq = gradients[0]
        d_qkv = dq.new_empty(len(dq), (self.query + 2 * self.key) * self.dim)
        gather_heads(gradients, cos, sin, d_qkv)
        if self.interleaved:
            _pairs(self._turning(d_qkv)[..., : 2 * cos.shape[-1]])
        if kept is not None and self.query_norm is not None and self.key_norm is not None:
            (q, k, _), (to_q, to_k, _) = self.split(kept.qkv), self.split(d_qkv)
            to_q.copy_(normed_back(to_q, q, kept.query_rstd, self.query_norm))
            to_k.copy_(normed_back(to_k, k, kept.key_rstd, self.key_norm))
        return d_qkv

    def _turning(self, qkv: Tensor) -> Tensor:
        """Return the heads of ``qkv`` [T, (H + 2 G) D] that are turned: [T, H + G, D]."""
        return qkv.view(len(qkv), -1, self.dim)[:, : self.query + self.key]


@dataclass(frozen=True, slots=True)
class GatedHeads:
    """Attention heads whose output is gated; each query head brings its gate behind it.

    Source: Qiu et al., 2025, *Gated Attention for Large Language Models*.
    """

    heads: Heads

    def mixed(self, product: Tensor, positions: Positions) -> tuple[Tensor, WayBack]:
        """Return what attention gives, gated [T, H D]; ``product`` is [T, (2 H + 2 G) D]."""
        (rows, columns), width = product.shape, self.heads.query * self.heads.dim
        pairs = product[:, : 2 * width].view(rows, self.heads.query, 2, self.heads.dim)
        queries = pairs[:, :, 0].reshape(rows, width)
        open_ = torch.sigmoid(pairs[:, :, 1].reshape(rows, width))
        attended, back = self.heads.mixed(
            torch.cat((queries, product[:, 2 * width :]), dim=1), positions
        )

        def way_back(d: Tensor) -> Tensor:
            d_product = d.new_empty(rows, columns)
            d_qkv = back(d * open_)
            d_gate = d * attended * (open_ * (1 - open_))
            both = (d_qkv[:, :width], d_gate)
            to = d_product[:, : 2 * width].view(rows, self.heads.query, 2, self.heads.dim)
            to.copy_(torch.stack([x.view(rows, -1, self.heads.dim) for x in both], dim=2))
            d_product[:, 2 * width :] = d_qkv[:, width:]
            return d_product

        return attended * open_, way_back


def _halves(x: Tensor) -> None:
    """Move neighbours [..., P] half of P apart, in place."""
    x.copy_(torch.cat((x[..., ::2], x[..., 1::2]), dim=-1))


def _pairs(x: Tensor) -> None:
    """Undo :func:`_halves`."""
    x.copy_(torch.stack(x.chunk(2, dim=-1), dim=-1).flatten(-2))


def normed(x: Tensor, norm: Norm) -> tuple[Tensor, Tensor]:
    """Norm each head of ``x`` [T, H, D], or all heads of a token together, as wide as the norm."""
    out, rstd = norm.forward(x.reshape(-1, len(norm.weight)))
    return out.view(x.shape), rstd


def normed_back(d: Tensor, x: Tensor, rstd: Tensor, norm: Norm) -> Tensor:
    """Return the gradient [T, H, D] of ``x`` [T, H, D]; ``d`` [T, H, D], ``rstd`` its 1 / rms."""
    width = len(norm.weight)
    flat = norm.backward(d.reshape(-1, width), x.reshape(-1, width), rstd, None)
    return flat.view(x.shape)
