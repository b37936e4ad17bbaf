"""Which tensors a model of 8 or 4 bits holds, told by names and shapes alone.

Weights in 8 bits (FP8) lie beside a scale for each block of them. In MXFP4, 32 weights of 4 bits
share a power of two (Open Compute Project, *Microscaling Formats Specification*, 2023): a parameter
is stored as ``…_blocks`` and ``…_scales``. Either is unpacked when it is loaded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from core.models.weights import Tensor, WeightFile

BLOCKS, SCALES = "_blocks", "_scales"
_SCALES_OF_8_BITS = ("_scale_inv", ".weight_scale", ".input_scale", ".activation_scale")
_OF_8_BITS = ("F8_E4M3", "F8_E5M2")


def is_scale(name: str) -> bool:
    """Return whether a tensor only tells how others are unpacked."""
    return name.endswith((*_SCALES_OF_8_BITS, SCALES))


def scale_names(name: str) -> tuple[str, ...]:
    """Return what the scales of a weight in 8 bits may be called."""
    return f"{name}_scale_inv", f"{name}_scale"


def as_unpacked(files: Iterable[WeightFile]) -> list[WeightFile]:
    """Return the headers of files as if they held weights of 16 bits."""
    return [dataclasses.replace(file, tensors=_unpacked(file.tensors)) for file in files]


def _unpacked(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if is_scale(name):
            continue
        if name.endswith(BLOCKS) and len(tensor.shape) == 4:
            count, rows, groups, half = tensor.shape
            shape = (count, 2 * groups * half, rows)  # experts lie the other way round
            found[name.removesuffix(BLOCKS)] = dataclasses.replace(
                tensor, dtype="BF16", shape=shape
            )
        else:
            dtype = "BF16" if tensor.dtype in _OF_8_BITS else tensor.dtype
            found[name] = dataclasses.replace(tensor, dtype=dtype)
    return found
