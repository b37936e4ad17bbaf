"""One matrix of all experts of a layer, in 4 bits or not, with its bias and its adapter."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core.models.experts.packing import ExpertsOfBytes
from core.models.experts.products import Groups, in_one_launch, outer, padded, times
from core.models.experts.routes import Routes
from core.models.experts.sizes import AT_ONCE


class Factors(NamedTuple):
    """Low-rank factors of all experts, as peft stores them: A [E·r, in], B [out, r·E].

    Attributes:
        columns: which of the r count for a token [T, r], by default all; for answers alone.
    """

    a: Tensor
    b: Tensor
    scale: float
    columns: Tensor | None = None


def shape_of(parameter: Tensor) -> torch.Size:
    """Return (E, a, b) of experts' weights, packed or not."""
    found: torch.Size = getattr(parameter, "ds_shape", parameter.shape)
    return found


class Matrix:
    """The arithmetic of one matrix for rows that are sorted by experts.

    Args:
        module: the experts.
        name: of the matrix.
        factors: what the adapter adds, if it has any for this matrix.
    """

    def __init__(self, module: nn.Module, name: str, factors: Factors | None) -> None:
        holder: Any = module
        self._parameter: Any = holder._parameters[name]
        self._transposed: bool = holder.is_transposed
        self._bias: Tensor | None = getattr(module, f"{name}_bias") if holder.has_bias else None
        self._factors = factors
        self.count, *sides = shape_of(self._parameter)
        self.widths: list[int] = list(sides)
        packed = isinstance(self._parameter, ExpertsOfBytes)
        self.kind: torch.dtype = self._parameter.kind if packed else self._parameter.dtype
        size = sides[0] * sides[1] * self.kind.itemsize
        self._most = max(1, AT_ONCE // size) if packed else self.count

    def can_multiply_at_once(self) -> bool:
        """Return whether one launch multiplies all experts' rows."""
        like = torch.empty(0, dtype=self.kind, device=self._parameter.device)
        return in_one_launch(like, self.widths)

    def product(self, x: Tensor, routes: Routes) -> Tensor:
        """Return what the experts make of their rows [S, in]: [S, out]."""
        out = self._base(x, routes, back=False)
        if self._bias is not None:
            out += self._bias[routes.experts]
        if self._factors is not None:
            a, b = self._halves(routes.groups)
            inner = times(x, a.transpose(1, 2), routes.groups) * self._factors.scale
            if (columns := self._factors.columns) is not None:
                more = inner.shape[1] - columns.shape[1]  # the kernel's widths
                inner *= pad(columns, (0, more))[routes.tokens].to(inner.dtype)
            out += times(inner, b.transpose(1, 2), routes.groups)
        return out

    def bias_products(self, d_out: Tensor, index: Tensor) -> Tensor | None:
        """Return the products of ``d_out`` [T, out] with the biases of its experts [T, k]."""
        if self._bias is None:
            return None
        with_all: Tensor = d_out @ self._bias.to(d_out.dtype).T  # [T, E]
        return with_all.gather(1, index.clamp(max=self.count - 1))

    def gradients(
        self, x: Tensor, d_out: Tensor, routes: Routes, share: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the gradients of ``x`` and, as peft stores them, of A and B.

        Args:
            d_out: of the product [S, out].
            share: how much each row counts [S, 1], for the gradients of A and B alone.
        """
        d_x = self._base(d_out, routes, back=True)
        if self._factors is None:
            return d_x, []
        groups, scale = routes.groups, self._factors.scale
        a, b = self._halves(groups)
        inner = times(x, a.transpose(1, 2), groups) * scale  # [S, r]
        d_inner = times(d_out, b, groups) * scale
        d_x += times(d_inner, a, groups)
        if share is not None:
            inner, d_inner = (part * share.to(part.dtype) for part in (inner, d_inner))
        return d_x, self._as_stored(outer(d_inner, x, groups), outer(d_out, inner, groups))

    def _base(self, x: Tensor, routes: Routes, *, back: bool) -> Tensor:
        """Return x · W, or x · Wᵀ on the way back."""
        groups = routes.groups
        if groups.sizes is None and (groups.experts is not None or self._most >= self.count):
            return times(x, self._weights(groups.experts, back=back), groups)
        out: Tensor | None = None
        for rows, counted in routes.counted.split(self._most):
            some = counted._replace(sizes=None) if groups.sizes is None else counted
            part = times(x[rows], self._weights(some.experts, back=back), some)
            if len(part) == len(x):
                return part
            out = x.new_empty(len(x), part.shape[1]) if out is None else out
            out[rows] = part
        assert out is not None
        return out

    def _weights(self, experts: Tensor | None, *, back: bool) -> Tensor:
        """Return the weights of some experts as [G, in, out], or [G, out, in] on the way back."""
        if isinstance(self._parameter, ExpertsOfBytes):
            weights = self._parameter.unpacked(experts)
        else:
            weights = self._parameter.detach()
            weights = weights if experts is None else weights[experts]
        return weights if self._transposed != back else weights.transpose(1, 2)

    def _halves(self, groups: Groups) -> tuple[Tensor, Tensor]:
        """Return A [G, r, in] and B [G, out, r], in the type of the weights."""
        assert self._factors is not None
        a = self._factors.a.detach().view(self.count, -1, self._factors.a.shape[-1])
        b = self._factors.b.detach().view(len(self._factors.b), -1, self.count).permute(2, 0, 1)
        if groups.experts is not None:
            a, b = a[groups.experts], b[groups.experts]
        more = padded(a.shape[1]) - a.shape[1] if groups.sizes is None else 0
        a = pad(a.to(self.kind), (0, 0, 0, more))
        return a, pad(b.to(self.kind), (0, more)).contiguous()

    def _as_stored(self, d_a: Tensor, d_b: Tensor) -> list[Tensor]:
        """Return gradients [E, r, in] and [E, out, r] in the form and type of A and B."""
        assert self._factors is not None
        a, b, *_ = self._factors
        rank = len(a) // self.count
        d_a, d_b = d_a[:, :rank], d_b[:, :, :rank].permute(1, 2, 0)
        return [d_a.reshape(a.shape).to(a.dtype), d_b.reshape(b.shape).to(b.dtype)]
