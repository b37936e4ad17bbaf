"""Products in which each group of rows has a matrix of its own, all groups at once.

On cards that have a kernel for it (Hopper and Blackwell), one launch multiplies every group, and
nobody has to wait for the number of rows in each. Elsewhere, groups are multiplied one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Self

import torch
from torch import Tensor

_WIDTH = 8  # the kernel wants rows of 16 bytes, which are this many numbers
_MAJORS = (9, 10)  # compute capabilities with such a kernel for 16 bits


class Groups(NamedTuple):
    """Sorted rows [S], divided among experts.

    Attributes:
        experts: number of each group's expert [G]; ``None``: all of them, in order.
        ends: where each group ends [G].
        sizes: rows of each group, where the host knows them; else one launch takes all groups.
    """

    experts: Tensor | None
    ends: Tensor
    sizes: list[int] | None

    def split(self, most: int) -> Iterator[tuple[slice, Self]]:
        """Yield at most ``most`` groups at a time, with their rows; the host must know the sizes.

        Empty ones are left out.
        """
        assert self.sizes is not None
        held = [place for place, size in enumerate(self.sizes) if size]
        numbers = self.experts
        if numbers is None:
            numbers = torch.arange(len(self.sizes), device=self.ends.device)
        begin = 0
        for first in range(0, len(held), most):
            some = held[first : first + most]
            sizes = [self.sizes[place] for place in some]
            places = torch.tensor(some, device=self.ends.device)
            end = begin + sum(sizes)
            ends = (self.ends[places] - begin).int()
            yield slice(begin, end), self._replace(experts=numbers[places], ends=ends, sizes=sizes)
            begin = end


def in_one_launch(like: Tensor, widths: list[int]) -> bool:
    """Return whether rows of these widths can be multiplied by all groups' matrices at once."""
    if not like.is_cuda or like.dtype != torch.bfloat16 or any(w % _WIDTH for w in widths):
        return False
    return _has_kernel(like.device) and _grouped() is not None


@cache
def _has_kernel(device: torch.device) -> bool:
    return torch.cuda.get_device_capability(device)[0] in _MAJORS


@cache
def _grouped() -> object:
    """Return PyTorch's product of groups; it has had two names."""
    return getattr(torch.nn.functional, "grouped_mm", getattr(torch, "_grouped_mm", None))


def padded(width: int) -> int:
    """Return the next width that the kernel takes."""
    return -(-width // _WIDTH) * _WIDTH


def times(x: Tensor, weights: Tensor, groups: Groups) -> Tensor:
    """Return the product of each row of ``x`` [S, K] with its group's weights [G, K, N]: [S, N]."""
    if groups.sizes is None:
        return _grouped()(x, weights, offs=groups.ends)  # type: ignore[operator, no-any-return]
    out = x.new_empty(len(x), weights.shape[2])
    begin = 0
    for matrix, size in zip(weights, groups.sizes, strict=True):
        torch.mm(x[begin : begin + size], matrix, out=out[begin : begin + size])
        begin += size
    return out


def outer(a: Tensor, b: Tensor, groups: Groups) -> Tensor:
    """Return aᵀ · b of each group's rows [S, M], [S, N]: [G, M, N], zero where there are none."""
    if groups.sizes is None:
        found: Tensor = _grouped()(a.T, b, offs=groups.ends)  # type: ignore[operator]
        sizes = groups.ends.diff(prepend=groups.ends.new_zeros(1))
        return torch.where(sizes[:, None, None] > 0, found, 0)
    out = a.new_empty(len(groups.sizes), a.shape[1], b.shape[1])
    begin = 0
    for matrix, size in zip(out, groups.sizes, strict=True):
        torch.mm(a[begin : begin + size].T, b[begin : begin + size], out=matrix)
        begin += size
    return out
