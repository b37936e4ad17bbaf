"""Weights of 8 or 4 bits, unpacked one tensor at a time while a model is loaded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.models.stored.formats import BLOCKS, SCALES, is_scale, scale_names

if TYPE_CHECKING:
    from torch import Tensor

_VALUES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_BIAS = 127  # of an exponent that is stored in 8 bits
_AT_ONCE = 1 << 25  # bytes of MXFP4 that are looked up at once


@dataclass(frozen=True, slots=True)
class Blocks:
    """Experts as MXFP4 stores them.

    Attributes:
        values: two of 4 bits in a byte, the lower one first [E, out, groups, 16].
        exponents: of each 32 values [E, out, groups].
    """

    values: Tensor
    exponents: Tensor

    def to(self, device: Any = None, dtype: Any = None) -> Blocks:  # noqa: ARG002 - stay bytes
        """Return them on a device."""
        return Blocks(self.values.to(device), self.exponents.to(device))

    def unpacked(self) -> Tensor:
        """Return the weights [E, in, out] in bf16, which holds each of them exactly."""
        import torch

        rows = [mxfp4(*pair) for pair in zip(self.values, self.exponents, strict=True)]
        return torch.stack(rows).transpose(1, 2).contiguous()


def mxfp4(values: Tensor, exponents: Tensor) -> Tensor:
    """Return weights [..., in] in bf16 from their bytes [..., groups, 16].

    A byte names a pair of weights in bf16, which are 32 bits: so a table gives both at once.
    """
    import torch

    levels = torch.tensor([*_VALUES, *(-value for value in _VALUES)], dtype=torch.bfloat16)
    pairs = torch.stack((levels.repeat(16), levels.repeat_interleave(16)), dim=-1)  # [256, 2]
    table = pairs.view(torch.int32).flatten().to(values.device)
    found = torch.empty(values.shape, dtype=torch.int32, device=values.device)
    flat, out = values.reshape(-1), found.view(-1)
    for begin in range(0, len(flat), _AT_ONCE):  # a number to look up is four times a byte
        some = flat[begin : begin + _AT_ONCE].int()
        torch.index_select(table, 0, some, out=out[begin : begin + _AT_ONCE])
    weights = found.view(torch.bfloat16)  # [..., groups, 32]
    scales = torch.exp2(exponents.float() - _BIAS).to(torch.bfloat16)[..., None]
    return weights.mul_(scales).flatten(-2)


def fp8(weight: Tensor, scales: Tensor, block: tuple[int, int] | None = None) -> Tensor:
    """Return a weight [..., N, K] of 8 bits in bf16.

    Args:
        scales: one, or one for each block [..., blocks of N, blocks of K].
        block: rows and columns that share a scale; by default, all blocks are of one size.
    """
    import torch

    wide = scales.float()
    if wide.numel() > 1:
        for dim, size in ((-2, weight.shape[-2]), (-1, weight.shape[-1])):
            each = math.ceil(size / wide.shape[dim])
            if block and math.ceil(size / block[dim]) == wide.shape[dim]:
                each = block[dim]
            wide = wide.repeat_interleave(each, dim=dim).narrow(dim, 0, size)
    return (weight.float() * wide).to(torch.bfloat16)


class Unpacking:
    """The tensors of weight files by the names of their model, each when it is asked for.

    Args:
        paths: of all files.
        packed: the config's ``quantization_config``.
        keep_blocks: give experts in MXFP4 as they are stored.
    """

    def __init__(self, paths: list[Path], packed: Any, *, keep_blocks: bool = False) -> None:
        self._open: dict[str, Any] = {}
        self._places = {name: path for path in paths for name in self._file(path).keys()}  # noqa: SIM118
        sizes = packed.get("weight_block_size") if isinstance(packed, dict) else None
        self._block = tuple(sizes) if isinstance(sizes, list) and len(sizes) == 2 else None
        self._keep_blocks = keep_blocks

    def _file(self, path: Path) -> Any:
        from safetensors import safe_open

        if path.name not in self._open:
            self._open[path.name] = safe_open(str(path), framework="pt")
        return self._open[path.name]

    def names(self) -> list[str]:
        """Return the names of all parameters."""
        return [name.removesuffix(BLOCKS) for name in self._places if not is_scale(name)]

    def read(self, name: str) -> Any:
        """Return a tensor in 16 bits, or :class:`Blocks`."""
        import torch

        if name not in self._places:
            blocks = Blocks(self._stored(name + BLOCKS), self._stored(name + SCALES))
            return blocks if self._keep_blocks else blocks.unpacked()
        tensor = self._stored(name)
        if tensor.element_size() > 1:
            return tensor
        scales = next(self._stored(n) for n in scale_names(name) if n in self._places)
        if scales.dtype == torch.uint8:  # exponents
            scales = torch.exp2(scales.float() - _BIAS)
        return fp8(tensor, scales, self._block)

    def _stored(self, name: str) -> Tensor:
        tensor: Tensor = self._file(self._places[name]).get_tensor(name)
        return tensor

    def lazily(self) -> dict[str, Lazy]:
        """Return everything, still unread, in the form in which transformers takes weights."""
        return {name: Lazy(partial(self.read, name)) for name in self.names()}


@dataclass(frozen=True, slots=True)
class Lazy:
    """A tensor that is read when somebody takes a slice of it, which is always the whole."""

    read: Callable[[], Any]

    def __getitem__(self, _slice: object) -> Any:
        return self.read()
