"""Frozen linear layers that read the same input, with their LoRA adapters, as one product.

Shapes: T tokens, K inputs, N outputs of all parts together, R ranks of all parts together.
The adapters' master weights stay the parameters of peft; products use a copy in the compute type,
in which A is already multiplied by alpha / r.

Source: Hu et al., 2021, *LoRA: Low-Rank Adaptation of Large Language Models*:
y = x W^T + alpha / r * (x A^T) B^T. The scale is read from peft's module, so an adapter made with
rsLoRA (Kalajdzievski, 2023: alpha / sqrt(r)) is computed correctly too.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.training.engine.fused import fp8
from core.training.engine.fused.nf4 import (
    Scratch,
    behind,
    is_quantised,
    rows_of,
    with_behind,
    write_out,
)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One linear layer: weight [N, K] (4-bit or dense), bias [N], A [r, K], B [N, r]."""

    weight: Tensor
    bias: Tensor | None = None
    lora_a: nn.Parameter | None = None
    lora_b: nn.Parameter | None = None
    scaling: float = 1.0

    @property
    def rank(self) -> int:
        """The adapter's rank; 0 without one."""
        return 0 if self.lora_a is None else self.lora_a.shape[0]


@dataclass(eq=False)
class Projection:
    """Parts that share an input, and where their written-out weights live.

    Attributes:
        parts: in the order of their outputs.
        slot: which scratch memory they use; projections with the same slot replace one another.
        scratch: that memory.
        dtype: the type of all products.
        joined: whether the adapters ride in the base product of the forward pass: the input gets
            x A^T as further columns and the weights get B. Everything is then rounded once, so
            that small adapter weights are not lost in the output's last bit, and on a card the
            output is not read and written again. The input must come from :meth:`room`.
        fp8: whether products with base weights are computed in 8 bits; adapters then ride apart.
        device: where the products are computed; by default where the weights are.
        input_scale: [K]; where the input is h * rows * input_scale, the gradients of A can be made
            from h (see :meth:`parameter_gradients`).
    """

    parts: Sequence[Part]
    slot: Hashable
    scratch: Scratch
    dtype: torch.dtype
    joined: bool = False
    input_scale: Tensor | None = None
    device: torch.device | None = None
    fp8: bool = False
    outputs: list[slice] = field(init=False)
    ranks: list[slice] = field(init=False)
    _bias: Tensor | None = field(init=False)
    _a: Tensor = field(init=False)
    _a_wide: Tensor = field(init=False)
    _b: list[Tensor] = field(init=False)
    _gradient_scale: Tensor | float = field(init=False)

    def __post_init__(self) -> None:
        self.outputs = _slices([rows_of(part.weight)[0] for part in self.parts])
        self.ranks = _slices([part.rank for part in self.parts])
        device, k = self.device or self.parts[0].weight.device, rows_of(self.parts[0].weight)[1]
        step = 64 if device.type == "cuda" else 16  # aligned rows
        padded = -(-self.rank // step) * step if self.joined else self.rank
        self._a_wide = torch.zeros(padded, k, dtype=self.dtype, device=device)
        self._a = self._a_wide[: self.rank]
        self._b = [
            torch.empty(rows_of(part.weight)[0], part.rank, dtype=self.dtype, device=device)
            for part in self.parts
        ]
        self._gradient_scale = self._scale_of_gradients(device)
        self._bias = self._joined_bias(device)

    def _scale_of_gradients(self, device: torch.device) -> Tensor | float:
        """What the gradients of A are multiplied by: a number, [K], [R, 1] or [R, K]."""
        factors = [part.scaling for part in self.parts for _ in range(part.rank)]
        scale: Tensor | float = factors[0] if factors else 1.0
        if len(set(factors)) > 1:
            wide = torch.promote_types(self.dtype, torch.float32)
            scale = torch.tensor(factors, dtype=wide, device=device)[:, None]
        return scale if self.input_scale is None else self.input_scale * scale

    def _joined_bias(self, device: torch.device) -> Tensor | None:
        """Return the biases of all parts [N] in the type of the products, ``None`` without any."""
        if all(part.bias is None for part in self.parts):
            return None
        rows = [rows_of(part.weight)[0] for part in self.parts]
        bias = torch.zeros(sum(rows), dtype=self.dtype, device=device)
        for part, out in zip(self.parts, torch.split(bias, rows), strict=True):
            if part.bias is not None:
                out.copy_(part.bias)
        return bias

    @property
    def rank(self) -> int:
        """R, the ranks of all parts together."""
        return sum(part.rank for part in self.parts)

    def parameters(self) -> list[nn.Parameter]:
        """The trained parameters: A and B of each part that has an adapter, in this order."""
        pairs = [(part.lora_a, part.lora_b) for part in self.parts]
        return [p for pair in pairs for p in pair if p is not None]

    def copies(self) -> list[tuple[Tensor, Tensor]]:
        """Pairs (working copy, parameter) of all A [r, K], then all B [N, r], to be refreshed."""
        with_lora = [i for i, part in enumerate(self.parts) if part.rank]
        rows = [(self._a[self.ranks[i]], self.parts[i].lora_a) for i in with_lora]
        rows += [(self._b[i], self.parts[i].lora_b) for i in with_lora]
        return [(copy, p.detach()) for copy, p in rows if p is not None]

    def scale_copies(self) -> list[tuple[Tensor, float]]:
        """Pairs (working copy of A [r, K], alpha / r), to be multiplied after copying."""
        return [
            (self._a[ranks], part.scaling)
            for ranks, part in zip(self.ranks, self.parts, strict=True)
            if part.rank
        ]

    def weights(self, *, with_adapters: bool = False) -> Tensor:
        """The base weights [N, K], written out into the scratch memory.

        With ``with_adapters`` the B of a joined product are in the memory behind the rows.
        """
        weights = [part.weight for part in self.parts]
        whole = len(weights) == 1 and not is_quantised(weights[0]) and not self.joined
        if whole and weights[0].dtype == self.dtype:
            return weights[0]
        shape = (self.outputs[-1].stop, self._a.shape[1], self._extra)
        out, held = self.scratch.claim(self, self.slot, self._a, shape)
        if with_adapters:
            write_out(weights, out, self._b)
        elif not held:
            write_out(weights, out)
        return out

    @property
    def _extra(self) -> int:
        """Further columns of a joined product: R, rounded up for the sake of alignment."""
        return self._a_wide.shape[0] if self._joins else 0

    @property
    def _joins(self) -> bool:
        return self.joined and not self.fp8

    def room(self, rows: int) -> Tensor:
        """Return memory for an input [T, K] of ``rows`` tokens."""
        k = self._a.shape[1]
        return self._a.new_empty(rows, k + self._extra)[:, :k]

    def forward(self, x: Tensor, residual: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return y [T, N] and x A^T [T, R] for ``x`` [T, K].

        Args:
            x: input; memory from :meth:`room` where the product is joined.
            residual: [T, N], added to y.
        """
        w = self.weights(with_adapters=self._joins)
        if self._joins:
            torch.mm(x, self._a_wide.t(), out=behind(x))
            reduced = behind(x)[:, : self.rank].clone()
            x, w = with_behind(x), with_behind(w)
        else:
            reduced = x @ self._a.t()
        y = self._base_product(x, w, residual)
        if not self._joins:
            for rows, ranks, b in zip(self.outputs, self.ranks, self._b, strict=True):
                if b.shape[1]:
                    y[:, rows].addmm_(reduced[:, ranks], b.t())
        return y, reduced

    def _base_product(self, x: Tensor, w: Tensor, residual: Tensor | None) -> Tensor:
        """Return x W^T + bias + residual [T, N] for ``x`` [T, K] and ``w`` [N, K]."""
        if self.fp8:
            y = fp8.product(fp8.by_rows(x), fp8.by_rows(w), self.dtype)
            y = y if residual is None else y.add_(residual)
            return y if self._bias is None else y.add_(self._bias)
        if residual is None:
            return nn.functional.linear(x, w, self._bias)
        y = torch.addmm(residual, x, w.t())
        return y if self._bias is None else y.add_(self._bias)

    def reduce_gradient(self, dy: Tensor) -> Tensor:
        """Return dy B [T, R], on which the gradients of A and of the input rest."""
        g = dy.new_empty(dy.shape[0], self.rank)
        for rows, ranks, b in zip(self.outputs, self.ranks, self._b, strict=True):
            if b.shape[1]:
                torch.mm(dy[:, rows], b, out=g[:, ranks])
        return g

    def input_gradient(self, dy: Tensor, g: Tensor) -> Tensor:
        """Return d loss / d x [T, K] for ``dy`` [T, N] and ``g`` from :meth:`reduce_gradient`."""
        if self.fp8:
            dx = fp8.product(fp8.by_rows(dy), fp8.by_columns(self.weights()), self.dtype)
        else:
            dx = dy @ self.weights()
        return dx.addmm_(g, self._a)

    def parameter_gradients(
        self,
        dy: Tensor,
        g: Tensor,
        reduced: Tensor,
        x: Tensor,
    ) -> list[Tensor]:
        """Return the gradients of :meth:`parameters`.

        Args:
            dy: [T, N].
            g: [T, R]; with ``input_scale`` already multiplied by the input's row scale.
            reduced: x A^T [T, R] from the forward pass.
            x: [T, K], the input, or with ``input_scale`` what it was scaled from.
        """
        d_a = _product(g, x).mul_(self._gradient_scale)
        gradients = []
        for part, rows, ranks in zip(self.parts, self.outputs, self.ranks, strict=True):
            if part.rank:
                gradients += [d_a[ranks], _product(dy[:, rows], reduced[:, ranks])]
        return gradients


def refresh(projections: Sequence[Projection], *, off: bool = False) -> None:
    """Bring the working copies of all adapters up to date, in two launches where it can be.

    Args:
        projections: whose adapters.
        off: make the copies zero instead, so that the adapters have no effect.
    """
    copies = [pair for projection in projections for pair in projection.copies()]
    scaled = [pair for projection in projections for pair in projection.scale_copies()]
    if not copies:
        return
    if off:
        torch._foreach_zero_([copy for copy, _ in copies])
        return
    torch._foreach_copy_([copy for copy, _ in copies], [p for _, p in copies])
    torch._foreach_mul_([copy for copy, _ in scaled], [factor for _, factor in scaled])


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Return a^T b [R, K] of ``a`` [T, R] and ``b`` [T, K], summed in fp32 (fp64 for fp64)."""
    if a.dtype in (torch.float32, torch.float64):
        return a.t() @ b
    if a.is_cuda:
        return torch.mm(a.t(), b, out_dtype=torch.float32)
    return (a.t() @ b).float()


def _slices(sizes: Sequence[int]) -> list[slice]:
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
