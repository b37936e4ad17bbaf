"""Chooses between the Triton kernels and their plain PyTorch twins."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import torch

from core.hardware.cards.kernels import launchable

_KERNELS = "core.training.engine.fused.kernels"


class _Switch:
    on = True


def use_kernels(allowed: bool) -> None:
    """Allow or forbid Triton for the whole process (the backward pass runs in another thread)."""
    _Switch.on = allowed


def kernels_for(tensor: torch.Tensor) -> Any:
    """Return the kernels module if it can work on ``tensor`` [any shape], else ``None``."""
    if not _Switch.on or not tensor.is_cuda or tensor.dtype == torch.float64:
        return None
    return _found(tensor.device)[0]


def kernel_failure(device: torch.device) -> str:
    """Return what went wrong with Triton on ``device``; ``""`` where it works or is not wanted."""
    return _found(device)[1] if _Switch.on and device.type == "cuda" else ""


@cache
def _found(device: torch.device) -> tuple[ModuleType | None, str]:
    """Return the kernels if one of them can be launched, and why not where Triton is installed."""
    return launchable(_KERNELS, lambda kernels: _launch(kernels, device))


def _launch(kernels: ModuleType, device: torch.device) -> None:
    """Compile and run the smallest kernel."""
    with torch.cuda.device(device):
        h = torch.ones(1, 16, device=device)
        kernels.rms_norm(h, h[0], 1e-6, 0.0, torch.empty_like(h))
        torch.cuda.synchronize()
