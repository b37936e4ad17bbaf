"""Blocks of the host's memory in which layers wait; processes that train together share one copy.

Several cards are several processes with the same frozen base. The first one makes a file without a
name in memory, its workers inherit it, and each process maps the same places and writes the same
bytes there, in the order of ``weight_stream.linear_weights``: a model larger than one card needs
the computer's memory once, not once a card. Such a file ends with the last process that holds it,
however that ends; until then it keeps what was written, also of layers that left it for the cards.
"""

from __future__ import annotations

import mmap
import os

import torch
from torch import Tensor

_APART = 1 << 32  # bytes between the places of two layers; what is not written takes no memory
_LARGEST = 1 << 44  # bytes of the file: 4,096 layers
_shared: int | None = None


def open_shared() -> int | None:
    """Return the descriptor of memory that child processes may inherit, ``None`` without such."""
    if not hasattr(os, "memfd_create"):
        return None
    descriptor = os.memfd_create("homelab-tuner-weights")
    os.ftruncate(descriptor, _LARGEST)
    return descriptor


def use_shared(descriptor: int | None) -> None:
    """Take every further block of this process from there; ``None``: memory of its own again."""
    global _shared  # noqa: PLW0603 - a process belongs to one training
    _shared = descriptor


def block(layer: int, size: int) -> Tensor:
    """Return ``size`` bytes [size] for a layer; the same memory in all processes that share it."""
    if _shared is None or not 0 < size <= _APART:
        return torch.empty(size, dtype=torch.uint8)
    return torch.frombuffer(mmap.mmap(_shared, size, offset=layer * _APART), dtype=torch.uint8)
