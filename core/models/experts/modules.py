"""The experts of a layer as transformers' own classes hold them, whatever the family.

transformers marks these classes and describes their layout in attributes; the arithmetic of a
family's gate is a method of its own. So one forward pass serves them all. It computes one expert
after the other, those only that tokens were sent to, and keeps nothing but its inputs: weights are
unpacked again in the backward pass, and so are the expert's inner activations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.models.experts.packing import ExpertsOfBytes

WEIGHTS = ("gate_up_proj", "up_proj", "down_proj")
"""Parameters of experts that are matrices [E, out, in], or [E, in, out] where transposed."""
FACTORS = "expert_factors"
"""Attribute of an experts module: by parameter name, what its adapter adds while it is active."""


class Factors(NamedTuple):
    """Low-rank factors of all experts, as peft stores them: A [E·r, in], B [out, r·E]."""

    a: Tensor
    b: Tensor
    scale: float


def is_experts(module: nn.Module) -> bool:
    """Return whether a module holds the experts of a layer in the layout that is known here."""
    marks = ("has_gate", "has_bias", "is_transposed", "_apply_gate")
    return all(hasattr(module, name) for name in marks) and bool(matrices(module))


def matrices(module: nn.Module) -> list[str]:
    """Return the names of an experts module's weights, first the one that tokens meet first."""
    parameters = module._parameters
    return [n for n in WEIGHTS if (p := parameters.get(n)) is not None and len(shape_of(p)) == 3]


def shape_of(parameter: Tensor) -> torch.Size:
    """Return (E, a, b) of experts' weights, packed or not."""
    found: torch.Size = getattr(parameter, "ds_shape", parameter.shape)
    return found


def experts_of(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield every experts module of a model with its name."""
    for name, module in model.named_modules():
        if is_experts(module):
            yield name, module


def compute_one_by_one(model: nn.Module) -> None:
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
    scales = {name: factors[name].scale for name in names}
    with torch.autocast(hidden.device.type, enabled=False):
        out: Tensor = _Experts.apply(  # type: ignore[no-untyped-call]
            hidden.reshape(-1, hidden.shape[-1]), weights.reshape(-1, weights.shape[-1]),
            index.reshape(-1, index.shape[-1]), module, scales, *tensors,
        )  # fmt: skip
    return out.view(hidden.shape)


class _Experts(torch.autograd.Function):
    """Puts the experts into autograd's graph as one node that keeps its inputs only."""

    @staticmethod
    def forward(  # noqa: PLR0917 - autograd takes tensors by position
        ctx: Any, hidden: Tensor, weights: Tensor, index: Tensor, module: nn.Module,
        scales: dict[str, float], *tensors: Tensor,
    ) -> Tensor:  # fmt: skip
        ctx.save_for_backward(hidden, weights, index, *tensors)
        ctx.module, ctx.scales = module, scales
        work = _Work(module, scales, tensors)
        out = torch.zeros_like(hidden, dtype=torch.promote_types(hidden.dtype, torch.float32))
        for expert, tokens, places in _routes(index, work.count):
            share = weights[tokens, places, None]
            part = work.compute(expert, hidden[tokens], share, work.factors_of(expert))
            out.index_add_(0, tokens, part.to(out.dtype))
        return out.to(hidden.dtype)

    @staticmethod
    def backward(ctx: Any, d_out: Tensor) -> tuple[Any, ...]:
        hidden, weights, index, *tensors = ctx.saved_tensors
        work = _Work(ctx.module, ctx.scales, tensors)
        wide = torch.promote_types(hidden.dtype, torch.float32)
        d_hidden = torch.zeros_like(hidden, dtype=wide)
        d_weights = torch.zeros_like(weights)
        d_tensors = [torch.zeros_like(tensor) for tensor in tensors]
        with torch.autocast(d_out.device.type, enabled=False):
            for expert, tokens, places in _routes(index, work.count):
                inputs = [hidden[tokens], weights[tokens, places, None], *work.factors_of(expert)]
                found = work.gradients(expert, inputs, d_out[tokens])
                d_hidden.index_add_(0, tokens, found[0].to(wide))
                d_weights[tokens, places] = found[1][:, 0]
                for whole, part in zip(work.parts(d_tensors, expert), found[2:], strict=True):
                    whole.copy_(part)
        return d_hidden.to(hidden.dtype), d_weights, None, None, None, *d_tensors


class _Work:
    """The arithmetic of one layer's experts; ``tensors`` are A and B of each adapted matrix."""

    def __init__(
        self, module: nn.Module, scales: dict[str, float], tensors: list[Tensor] | tuple[Any, ...]
    ) -> None:
        self._module, self._scales, self._tensors = module, scales, tensors
        self._names = matrices(module)
        self._parameters = {name: module._parameters[name] for name in self._names}
        self._plain = {
            name: parameter.plain_scales()
            for name, parameter in self._parameters.items()
            if isinstance(parameter, ExpertsOfBytes)
        }

    @property
    def count(self) -> int:
        """How many experts there are."""
        return len(self._parameters[self._names[0]])  # type: ignore[arg-type]

    def factors_of(self, expert: int) -> list[Tensor]:
        """Return A [r, in] and B [out, r] of one expert, for each adapted matrix."""
        return [part.detach() for part in self.parts(self._tensors, expert)]

    def parts(self, tensors: Any, expert: int) -> list[Tensor]:
        """Return the views of one expert in tensors that lie as peft stores factors."""
        found = []
        for a, b in zip(tensors[::2], tensors[1::2], strict=True):
            found.append(a.view(self.count, -1, a.shape[-1])[expert])
            found.append(b.view(len(b), -1, self.count)[:, :, expert])
        return found

    def compute(self, expert: int, x: Tensor, share: Tensor, factors: list[Tensor]) -> Tensor:
        """Return the weighted output [n, K] of one expert for ``x`` [n, K], ``share`` [n, 1]."""
        module: Any = self._module
        inner = self._product(expert, self._names[0], x, factors)
        gated = module._apply_gate(inner) if module.has_gate else module.act_fn(inner)
        out = self._product(expert, self._names[-1], gated, factors)
        if getattr(module, "has_post_expert_norm", False):
            out = module.post_expert_norm(out)
        return out * share

    def gradients(self, expert: int, inputs: list[Tensor], d_out: Tensor) -> list[Tensor]:
        """Return the gradients of ``x``, ``share`` and the factors for ``d_out`` [n, K]."""
        with torch.enable_grad():
            leaves = [tensor.detach().requires_grad_() for tensor in inputs]
            out = self.compute(expert, leaves[0], leaves[1], leaves[2:])
            found = torch.autograd.grad(out, leaves, d_out.to(out.dtype))
        return list(found)

    def _product(self, expert: int, name: str, x: Tensor, factors: list[Tensor]) -> Tensor:
        """Return x · W, with its bias and what the adapter adds, in the type of the weights."""
        module: Any = self._module
        weight = self._weight(expert, name)
        x = x.to(weight.dtype)
        bias = getattr(module, f"{name}_bias")[expert] if module.has_bias else None
        out = linear(x, weight.T if module.is_transposed else weight, bias)
        if name not in self._scales:
            return out
        place = 2 * list(self._scales).index(name)
        a, b = (factor.to(weight.dtype) for factor in factors[place : place + 2])
        return out + linear(linear(x, a), b) * self._scales[name]

    def _weight(self, expert: int, name: str) -> Tensor:
        parameter = self._parameters[name]
        if isinstance(parameter, ExpertsOfBytes):
            return parameter.unpacked(expert, self._plain[name])
        assert parameter is not None
        return parameter[expert].detach()


def _routes(index: Tensor, count: int) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Yield each expert that tokens are sent to, with their numbers [n] and places [n] in them.

    A number beyond the experts means that a token is sent to nobody.
    """
    flat = index.reshape(-1)
    order = torch.argsort(flat, stable=True)
    sizes = torch.bincount(flat, minlength=count).tolist()
    begin = 0
    for expert, size in enumerate(sizes[:count]):
        if size:
            rows = order[begin : begin + size]
            yield expert, rows // index.shape[-1], rows % index.shape[-1]
        begin += size
