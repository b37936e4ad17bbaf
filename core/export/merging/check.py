"""Looks at every tensor of a merged model: is it the base's, changed by the adapter alone?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.export.merging.merge import Merge, all_updates_of, base_files, touched_tensors
from core.models.lora import Update
from core.models.weights import WeightFile

if TYPE_CHECKING:
    from pathlib import Path

    import torch

_ROUNDING = {"BF16": 2.0**-8, "F16": 2.0**-11, "F32": 2.0**-20}  # of the larger number


def wrong_tensor(merge: Merge, folder: Path, progress: Callable[[int, int], None]) -> str:
    """Return the name of the first tensor that is not what it should be, ``""`` for none."""
    files = base_files(merge.base)
    stored = {name: tensor for file in files for name, tensor in file.tensors.items()}
    if any(name.endswith(".absmax") for name in stored):
        return ""  # the base holds no such tensors; answers are compared
    touched = touched_tensors(all_updates_of(merge.adapter), stored)
    done = 0
    for file in files:
        for name in file.tensors:
            if not _is_right(merge, file, folder, name, touched.get(name)):
                return name
            done += 1
            progress(done, len(stored))
    return ""


def _is_right(
    merge: Merge, file: WeightFile, folder: Path, name: str, update: Update | None
) -> bool:
    import torch

    before, after = _read(file.path, name), _read(folder / file.path.name, name)
    if update is None or after is None or before is None:
        return after is not None and before is not None and _same_bits(before, after)
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    if merge.onto == "unpacked":
        before = merge.left_of(name, before, update).cpu()
    expected = before.float() + update.added()
    near = _ROUNDING[file.tensors[name].dtype]
    room = near * torch.maximum(expected.abs(), before.float().abs()) + 1e-7
    return bool(((after.float() - expected).abs() <= room).all())


def _read(path: Path, name: str) -> torch.Tensor | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as opened:
            found: Any = opened.get_tensor(name)
    except (OSError, SafetensorError):
        return None
    tensor: torch.Tensor = found
    return tensor


def _same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    import torch

    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    bits = [tensor.contiguous().view(torch.uint8) for tensor in (one, other)]
    return torch.equal(bits[0], bits[1])
