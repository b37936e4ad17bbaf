"""Chooses between the Triton kernels and their plain PyTorch twins."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from types import ModuleType
from typing import Any

import torch


class _Switch:
    on = True


def use_kernels(allowed: bool) -> None:
    """Allow or forbid Triton for the whole process (the backward pass runs in another thread)."""
    _Switch.on = allowed


def kernels_for(tensor: torch.Tensor) -> Any:
    """Return the kernels module if it can work on ``tensor``, else ``None``."""
    if not _Switch.on or not tensor.is_cuda or tensor.dtype == torch.float64:
        return None
    return _kernels()


@cache
def _kernels() -> ModuleType | None:
    if importlib.util.find_spec("triton") is None:
        return None
    return importlib.import_module("core.training.engine.kernels")
