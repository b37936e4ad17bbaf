"""Attention heads that norm values too, take them from keys, or lend both to later layers.

Source: the forms are those of Google, 2026, *Gemma 4*. Shapes: T tokens, H query heads, G key heads
of D.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.training.engine.attention import Positions, attend
from core.training.engine.fused.norm import Norm
from core.training.engine.fused.rotary import rotate
from core.training.engine.heads import WayBack, normed, normed_back

Role = Literal["own", "lends", "borrows"]


@dataclass(frozen=True, slots=True)
class LendingHeads:
    """The attention heads of a layer.

    The product before them holds queries, then keys unless they are borrowed, then values unless
    they are the keys before norm and turning, or borrowed.

    Attributes:
        query: H.
        key: G, also of what is borrowed.
        dim: D.
        scale: multiplied to the scores.
        query_norm: norms each query head before it is turned.
        key_norm: the same for key heads; ``None`` where they are borrowed.
        value_norm: norms each value head; ``None`` where they are borrowed.
        window: how many tokens attention reaches back, itself included; ``None`` without limit.
        role: whether keys and values are lent or borrowed.
        joint: values come from the keys.
    """

    query: int
    key: int
    dim: int
    scale: float
    query_norm: Norm
    key_norm: Norm | None
    value_norm: Norm | None
    window: int | None = None
    role: Role = "own"
    joint: bool = False

    def mixed(self, product: Tensor, positions: Positions) -> tuple[Tensor, WayBack]:
        """Return the attention output [T, H D] of ``product`` [T, N], and the way back."""
        raw = self.split(product)
        cos, sin, lent = positions.cos, positions.sin, positions.lent
        q, query_rstd = normed(raw[0], self.query_norm)
        rotate(q, q, cos, sin)
        rstds: tuple[Tensor, Tensor] | None = None
        if self.key_norm is None or self.value_norm is None:
            k, v = lent.taken()
        else:
            k, key_rstd = normed(raw[1], self.key_norm)
            v, value_rstd = normed(raw[-1], self.value_norm)
            rotate(k, k, cos, sin)
            rstds = key_rstd, value_rstd
        if self.role == "lends":
            lent.keys, lent.values = k, v
        attended, pull_back = attend(q, k, v, positions.segments, self.scale, window=self.window)

        def way_back(d: Tensor) -> Tensor:
            dq, dk, dv = pull_back(d.view(len(d), -1, self.dim))
            d_product = torch.empty_like(product)
            to = self.split(d_product)
            rotate(dq, to[0], cos, sin, back=True)
            to[0].copy_(normed_back(to[0], raw[0], query_rstd, self.query_norm))
            if rstds is None:
                lent.give_back(dk, dv)
            else:
                if self.role == "lends":
                    dk, dv = lent.collected(dk, dv)
                self._keys_back((dk, dv), (raw[1], raw[-1]), rstds, (cos, sin), to)
            return d_product

        return attended.flatten(1), way_back

    def _keys_back(
        self,
        gradients: tuple[Tensor, Tensor],
        raw: tuple[Tensor, Tensor],
        rstds: tuple[Tensor, Tensor],
        tables: tuple[Tensor, Tensor],
        to: tuple[Tensor, ...],
    ) -> None:
        """Write the gradients of raw keys and values [T, G, D] into ``to``, added where joint."""
        assert self.key_norm is not None and self.value_norm is not None
        rotate(gradients[0], to[1], *tables, back=True)
        d_keys = normed_back(to[1], raw[0], rstds[0], self.key_norm)
        d_values = normed_back(gradients[1], raw[1], rstds[1], self.value_norm)
        if self.joint:
            to[1].copy_(d_keys + d_values)
        else:
            to[1].copy_(d_keys)
            to[2].copy_(d_values)

    def split(self, product: Tensor) -> tuple[Tensor, ...]:
        """Return the heads [T, H, D], and [T, G, D] once or twice, as views of ``product``."""
        own = 0 if self.role == "borrows" else 1 if self.joint else 2
        heads = product.view(len(product), -1, self.dim)
        return torch.split(heads, [self.query, *[self.key] * own], dim=1)
