"""Layers of a loaded model that a card computes for a few rows with kernels of their own.

Every layer keeps what it was for longer inputs, and wherever Triton cannot compile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core.hardware.cards.kernels import launchable

if TYPE_CHECKING:
    from types import ModuleType

Adapters = tuple[Tensor, Tensor, Tensor]
"""A [F, R, K] and B [F, N, R] of all fine-tunes, and which of them each row uses [m]."""

_KERNELS = "core.generation.kernels"
_BLOCK = 64  # weights that share a scale
_SCALES = 256  # scales that share one
_MOST_ROWS = 16

logger = logging.getLogger(__name__)


@contextmanager
def lent_few_row_kernels(model: nn.Module) -> Iterator[None]:
    """Let a model compute with them for a while; afterwards it is what it was."""
    replaced = use_few_row_kernels(model)
    try:
        yield
    finally:
        for name, module in replaced.items():
            model.set_submodule(name, module)


def use_few_row_kernels(model: nn.Module) -> dict[str, nn.Module]:
    """Let the layers of ``model`` that kernels suit compute with them; return those before them."""
    import bitsandbytes as bnb

    replaced: dict[str, nn.Module] = {}
    for name, module in list(model.named_modules()):
        if isinstance(module, bnb.nn.Linear4bit) and _suits(module.weight):
            if (kernels := kernels_on(module.weight.device)) is not None:
                model.set_submodule(name, FewRowLinear(module, kernels))
                replaced[name] = module
            continue
        offset = _rms_offset(module)
        if offset is not None and (kernels := kernels_on(module.weight.device)) is not None:
            model.set_submodule(name, FewRowNorm(module, offset, kernels))
            replaced[name] = module
    return replaced


def _suits(weight: Any) -> bool:
    """Whether a 4-bit weight [N, K] lies on a card, in blocks that do not cross rows."""
    state = getattr(weight, "quant_state", None)
    return (
        weight.is_cuda
        and state is not None
        and state.quant_type == "nf4"
        and state.blocksize == _BLOCK
        and state.shape[1] % _BLOCK == 0
        and (not state.nested or state.state2.blocksize == _SCALES)
    )


class FewRowLinear(nn.Module):
    """A frozen 4-bit linear layer; up to 16 rows are multiplied without writing it out."""

    def __init__(self, packed: Any, kernels: ModuleType) -> None:
        super().__init__()
        self.packed = packed
        self._kernels = kernels

    @property
    def in_features(self) -> int:
        """K."""
        return int(self.packed.in_features)

    @property
    def out_features(self) -> int:
        """N."""
        return int(self.packed.out_features)

    def takes(self, x: Tensor) -> bool:
        """Whether ``x`` [..., K] is few enough rows."""
        return x.numel() // x.shape[-1] <= _MOST_ROWS and self.packed.compute_dtype in (
            None,
            torch.bfloat16,
        )

    def forward(self, x: Tensor, adapters: Adapters | None = None) -> Tensor:
        """Return the output [..., N] for ``x`` [..., K]; adapters only if :meth:`takes`."""
        if not self.takes(x):
            wide: Tensor = self.packed(x)
            return wide
        rows = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        parts = self._kernels.few_rows(rows, self.packed.weight)
        if adapters is not None:
            a, b, index = adapters
            adapters = self._kernels.reduced(rows, a, index), b, index
        y: Tensor = self._kernels.finished(parts, x.dtype, self.packed.bias, adapters)
        return y.reshape(*x.shape[:-1], y.shape[-1])


class FewRowNorm(nn.Module):
    """A frozen RMS norm as one kernel."""

    def __init__(self, norm: nn.Module, offset: float, kernels: ModuleType) -> None:
        super().__init__()
        self.norm = norm
        self._offset, self._eps, self._kernels = offset, _eps(norm), kernels

    @property
    def weight(self) -> Tensor:
        """[K]."""
        weight: Tensor = self.norm.weight  # type: ignore[assignment]
        return weight

    def forward(self, h: Tensor) -> Tensor:
        """Return the norm of ``h`` [..., K]."""
        if h.numel() // h.shape[-1] > 64 * _MOST_ROWS or h.dtype != torch.bfloat16:
            wide: Tensor = self.norm(h)
            return wide
        rows = h.reshape(-1, h.shape[-1]).contiguous()
        out: Tensor = self._kernels.rms_norm(rows, self.weight, self._eps, self._offset)
        return out.reshape(h.shape)


def _eps(norm: nn.Module) -> float:
    return float(getattr(norm, "variance_epsilon", None) or getattr(norm, "eps", None) or 0.0)


def _rms_offset(module: nn.Module) -> float | None:
    """What is added to the weight of an RMS norm on a card; ``None`` where it is none.

    Families write it in their own ways (Gemma adds 1), so it is found by trying.
    """
    weight = getattr(module, "weight", None)
    if not type(module).__name__.endswith("RMSNorm") or not isinstance(weight, Tensor):
        return None
    if not weight.is_cuda or weight.dim() != 1 or not _eps(module):
        return None
    x = torch.linspace(-2.0, 3.0, 2 * len(weight), device=weight.device).reshape(2, -1).bfloat16()
    with torch.no_grad():
        found = module(x).float()
    wide = x.float()
    normed = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + _eps(module))
    for offset in (0.0, 1.0):
        if torch.allclose(found, normed * (weight.float() + offset), rtol=0.02, atol=0.02):
            return offset
    return None


@cache
def kernels_on(device: torch.device) -> ModuleType | None:
    """Return the kernels if Triton can compile them here."""
    if device.type != "cuda":
        return None
    kernels, why = launchable(_KERNELS, lambda found: _launch(found, device))
    if why:
        logger.warning("no kernels for few rows: %s", why)
    return kernels


def _launch(kernels: ModuleType, device: torch.device) -> None:
    """Compile and run them on a small weight that has every code.

    Raises:
        ArithmeticError: they compute something else than bitsandbytes.
    """
    import bitsandbytes as bnb

    with torch.cuda.device(device):
        codes = torch.tensor(kernels.NF4, device=device, dtype=torch.bfloat16)
        wide = codes.roll(1).repeat(16, 2 * _BLOCK // 16)
        weight = bnb.nn.Params4bit(wide.cpu(), quant_type="nf4").to(device)
        x = torch.eye(2, 2 * _BLOCK, dtype=torch.bfloat16, device=device)
        found = kernels.finished(kernels.few_rows(x, weight), torch.float32)
        wanted = bnb.functional.dequantize_4bit(weight.data, weight.quant_state)[:, :2].float().T
        if not torch.allclose(found, wanted, rtol=0.02, atol=0.02):
            raise ArithmeticError("the kernel for few rows computes other numbers")
