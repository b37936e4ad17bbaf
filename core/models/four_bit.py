"""Weights in four bits: bitsandbytes imported in a second less, and weights written out again.

Call :func:`import_bitsandbytes` before peft or a quantised model imports it.

It wraps some of its operations in ``torch.compile``, which loads PyTorch's whole compiler. They are
those for devices without kernels of their own, and no job here reaches them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


def import_bitsandbytes() -> None:
    """Import it without the compiler; ``torch.compile`` is what it was afterwards."""
    if "bitsandbytes" in sys.modules:
        return
    import torch

    compiler = torch.compile
    torch.compile = _as_it_is  # type: ignore[assignment]
    try:
        import bitsandbytes  # noqa: F401 - only for what importing it does
    finally:
        torch.compile = compiler


def _as_it_is(function: Callable[..., Any] | None = None, **_options: Any) -> Any:
    """Take the place of ``torch.compile``, also as a decorator with options."""
    return function if function is not None else lambda decorated: decorated


def written_out_bytes(model: nn.Module) -> int:
    """Return what :func:`unpack_linears` would take: two bytes for each packed weight."""
    return sum(2 * m.in_features * m.out_features for _name, m in _packed(model))


def _packed(model: nn.Module) -> list[tuple[str, Any]]:
    """The 4-bit linear layers by name."""
    import bitsandbytes as bnb

    return [(n, m) for n, m in model.named_modules() if isinstance(m, bnb.nn.Linear4bit)]


def unpack_linears(model: nn.Module) -> None:
    """Write the 4-bit weights of all linear layers out, for good, in the type they compute in.

    Every number stays what it is. A processor, which has no kernels for 4 bits, would write them
    out again for each token of an answer; this takes four times the memory instead.
    """
    import bitsandbytes as bnb
    from torch import nn

    for name, packed in _packed(model):
        weight = bnb.functional.dequantize_4bit(packed.weight.data, packed.weight.quant_state)
        linear = nn.Linear(packed.in_features, packed.out_features, bias=False, device="meta")
        linear.weight = nn.Parameter(weight, requires_grad=False)
        linear.bias = packed.bias
        model.set_submodule(name, linear)
