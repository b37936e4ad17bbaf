"""The experts of a layer as transformers' own classes hold them, whatever the family.

transformers marks these classes and describes their layout in attributes; the arithmetic of a
family's gate is a method of its own. So one forward pass serves them all. It sorts tokens by their
experts, multiplies the rows of all experts at once, and keeps nothing but its inputs: weights are
unpacked again in the backward pass, and the inner activations are computed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core.models.experts.matrix import Factors, Matrix, shape_of
from core.models.experts.routes import Routes

WEIGHTS = ("gate_up_proj", "up_proj", "down_proj")
"""Parameters of experts that are matrices [E, out, in], or [E, in, out] where transposed."""
FACTORS = "expert_factors"
"""Attribute of an experts module: by parameter name, what its adapter adds while it is active."""


BRING = "bring_weights"
"""Attribute of an experts module whose weights wait elsewhere: brings them, ``back`` or not."""


def is_experts(module: nn.Module) -> bool:
    """Return whether a module holds the experts of a layer in the layout that is known here."""
    marks = ("has_gate", "has_bias", "is_transposed", "_apply_gate")
    return all(hasattr(module, name) for name in marks) and bool(matrices(module))


def matrices(module: nn.Module) -> list[str]:
    """Return the names of an experts module's weights, first the one that tokens meet first."""
    parameters = module._parameters
    return [n for n in WEIGHTS if (p := parameters.get(n)) is not None and len(shape_of(p)) == 3]


def experts_of(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield every experts module of a model with its name."""
    for name, module in model.named_modules():
        if is_experts(module):
            yield name, module


def compute_together(model: nn.Module) -> None:
    """Let every experts module of ``model`` compute by :func:`forward`."""
    for _, module in experts_of(model):
        module.forward = _Forward(module)


class _Forward:
    """Stands in the place of a module's own forward pass."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    def __call__(self, hidden: Tensor, index: Tensor, weights: Tensor) -> Tensor:
        return forward(self._module, hidden, index, weights)

    def __deepcopy__(self, memo: dict[int, Any]) -> _Forward:
        return _Forward(memo.get(id(self._module), self._module))


def forward(module: nn.Module, hidden: Tensor, index: Tensor, weights: Tensor) -> Tensor:
    """Return what the experts make of the hidden states [T, K], in their type.

    Args:
        index: which experts a token is sent to [T, k].
        weights: how much each of them counts [T, k].
    """
    factors: dict[str, Factors] = getattr(module, FACTORS, {})
    names = [name for name in matrices(module) if name in factors]
    tensors = [tensor for name in names for tensor in factors[name][:2]]
    x = hidden.reshape(-1, hidden.shape[-1])
    shares, index = weights.reshape(len(x), -1), index.reshape(len(x), -1)
    with torch.autocast(hidden.device.type, enabled=False):
        if not torch.is_grad_enabled():
            return _Experts(module, factors, index).output(x, shares).view(hidden.shape)
        place: Tensor = _Inputs.apply(  # type: ignore[no-untyped-call]
            x, shares, index, module, {name: factors[name].scale for name in names}, *tensors
        )
        out: Tensor = _Output.apply(  # type: ignore[no-untyped-call]
            place, x.detach(), shares.detach(), index, module, factors
        )
    return out.view(hidden.shape)


class _Inputs(torch.autograd.Function):
    """The first of two nodes in autograd's graph: keeps the inputs, and computes their gradients.

    A layer that is computed again for its backward pass ends where its last inputs were kept. Since
    this node keeps them before anything is computed, the experts need not compute again.
    """

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd takes tensors by position
        ctx: Any, hidden: Tensor, shares: Tensor, index: Tensor, module: nn.Module,
        scales: dict[str, float], *tensors: Tensor,
    ) -> Tensor:  # fmt: skip
        """Return something of the output's shape and type that takes no memory."""
        ctx.save_for_backward(hidden, shares, index, *tensors)
        ctx.module, ctx.scales = module, scales
        return hidden.new_empty(1, 1).expand(hidden.shape)

    @staticmethod
    def backward(ctx: Any, d_out: Tensor) -> tuple[Any, ...]:
        hidden, shares, index, *tensors = ctx.saved_tensors
        halves = zip(tensors[::2], tensors[1::2], strict=True)
        factors = {
            name: Factors(a, b, scale)
            for (name, scale), (a, b) in zip(ctx.scales.items(), halves, strict=True)
        }
        with torch.autocast(d_out.device.type, enabled=False):
            experts = _Experts(ctx.module, factors, index, back=True)
            d_hidden, d_shares, d_tensors = experts.gradients(hidden, shares, d_out)
        return d_hidden, d_shares, None, None, None, *d_tensors


class _Output(torch.autograd.Function):
    """The second node: computes, keeps nothing, and hands the gradient on as it is."""

    @staticmethod
    def forward(
        _ctx: Any, _place: Tensor, hidden: Tensor, shares: Tensor, index: Tensor,
        module: nn.Module, factors: dict[str, Factors],
    ) -> Tensor:  # fmt: skip
        return _Experts(module, factors, index).output(hidden, shares)

    @staticmethod
    def backward(_ctx: Any, d_out: Tensor) -> tuple[Any, ...]:
        return d_out, None, None, None, None, None


class _Experts:
    """The arithmetic of one layer's experts for one set of tokens [T]."""

    def __init__(
        self, module: nn.Module, factors: dict[str, Factors], index: Tensor, *, back: bool = False
    ) -> None:
        if (bring := module.__dict__.get(BRING)) is not None:
            bring(back=back)  # where the weights are decides how they are multiplied
        self._module: Any = module
        self._index = index
        first, *_, last = (Matrix(module, n, factors.get(n)) for n in matrices(module))
        self._first, self._last = first, last
        self._normed = bool(getattr(module, "has_post_expert_norm", False))
        at_once = first.can_multiply_at_once() and last.can_multiply_at_once()
        few = not torch.is_grad_enabled() and 2 * index.numel() <= first.count
        self._routes = Routes(index, first.count, at_once=at_once, each=few)

    def output(self, hidden: Tensor, shares: Tensor) -> Tensor:
        """Return the weighted sum of the experts' outputs for ``hidden`` [T, K]."""
        routes = self._routes
        with torch.no_grad():
            inner = self._first.product(hidden.to(self._first.kind)[routes.tokens], routes)
            rows = self._last.product(self._gate(inner), routes)
            if self._normed:
                rows = self._module.post_expert_norm(rows)
            share = routes.sorted(shares * routes.real)[:, None]
            rows = rows.mul_(share) if share.dtype == rows.dtype else rows * share
            return routes.summed(rows).to(hidden.dtype)

    def _gate(self, inner: Tensor) -> Tensor:
        """Return what the second matrix is given [S, f]."""
        found: Tensor = (
            self._module._apply_gate if self._module.has_gate else self._module.act_fn
        )(inner)
        return found

    def gradients(
        self, hidden: Tensor, shares: Tensor, d_out: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the gradients of ``hidden``, ``shares`` and the factors for ``d_out`` [T, K]."""
        routes = self._routes
        x = hidden.to(self._first.kind)[routes.tokens]  # [S, K]
        share = routes.sorted(shares * routes.real)[:, None]
        inner = self._first.product(x, routes)
        with torch.enable_grad():
            inner.requires_grad_()
            gated = self._gate(inner)
        d_out = d_out.to(self._last.kind)
        back = self._behind_norm if self._normed else self._behind
        d_share, d_gated, d_last = back(gated.detach(), d_out[routes.tokens], share)
        (d_inner,) = torch.autograd.grad(gated, inner, d_gated)
        del inner, gated, d_gated
        d_x, d_first = self._first.gradients(x, d_inner.contiguous(), routes)
        d_shares = routes.places(d_share)
        bias = None if self._normed else self._last.bias_products(d_out, self._index)
        d_shares = d_shares if bias is None else d_shares + bias
        d_shares = d_shares.to(shares.dtype) * routes.real
        return routes.summed(d_x).to(hidden.dtype), d_shares, d_first + d_last

    def _behind(
        self, gated: Tensor, d_rows: Tensor, share: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the gradients of the shares, of ``gated`` [S, f] and of the last factors.

        The output itself is not needed: but for the bias, its product with its gradient is that of
        ``gated`` with ``gated``'s.
        """
        d_gated, d_last = self._last.gradients(gated, d_rows, self._routes, share)
        wide = torch.promote_types(gated.dtype, torch.float32)
        d_share = (gated * d_gated).sum(-1, dtype=wide)
        return d_share, d_gated.mul_(share.to(d_gated.dtype)), d_last

    def _behind_norm(
        self, gated: Tensor, d_rows: Tensor, share: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The same where each expert's output passes a norm."""
        rows = self._last.product(gated, self._routes).requires_grad_()
        with torch.enable_grad():
            normed = self._module.post_expert_norm(rows)
        (d_product,) = torch.autograd.grad(normed, rows, (d_rows * share).to(normed.dtype))
        d_share = (normed.detach() * d_rows).sum(-1)
        return d_share, *self._last.gradients(gated, d_product, self._routes)
