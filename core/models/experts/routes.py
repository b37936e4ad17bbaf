"""Which rows go to which expert: tokens sorted by their experts, and the way back."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor

from core.models.experts.products import Groups


class Routes:
    """S = T · k rows, sorted by their experts.

    A number beyond the experts means that a token is sent to nobody: the last expert computes it,
    and it counts nothing.

    Args:
        index: which experts a token is sent to [T, k].
        count: how many experts there are.
        at_once: all of them are multiplied in one launch; the host need not know anything.
        each: each row is a group of its own, whose expert is unpacked for it alone. For answers,
            where a few rows meet a few of many experts.

    Attributes:
        experts: of each row [S].
        tokens: number of each row's token [S].
        real: 1 for rows that were sent to somebody, 0 for others [T, k].
    """

    def __init__(self, index: Tensor, count: int, *, at_once: bool, each: bool = False) -> None:
        flat = index.reshape(-1)
        self._shape, self._count = index.shape, count
        self.real = index < count
        self.experts, self._order = torch.sort(flat.clamp(max=count - 1), stable=True)
        self.tokens = self._order // index.shape[-1]
        self._ends = torch.searchsorted(
            self.experts, torch.arange(count, device=flat.device), right=True, out_int32=True
        )
        self._at_once, self._each = at_once, each

    @cached_property
    def groups(self) -> Groups:
        """The rows by experts."""
        if self._each and self._at_once:
            ends = torch.arange(1, len(self.experts) + 1, device=self._ends.device)
            return Groups(self.experts, ends.int(), None)
        if self._at_once:
            return Groups(None, self._ends, None)
        return Groups(None, self._ends, self._sizes)

    @cached_property
    def counted(self) -> Groups:
        """The same, with the number of each expert's rows on the host."""
        return Groups(None, self._ends, self._sizes)

    @cached_property
    def _sizes(self) -> list[int]:
        ends = [0, *self._ends.tolist()]
        return [end - begin for begin, end in pairwise(ends)]

    def sorted(self, values: Tensor) -> Tensor:
        """Return the values of tokens' places [T, k] in the order of the rows [S]."""
        return values.reshape(-1)[self._order]

    def places(self, rows: Tensor) -> Tensor:
        """Inverse of :meth:`sorted`."""
        out = torch.empty_like(rows)
        out[self._order] = rows
        return out.view(self._shape)

    def summed(self, rows: Tensor) -> Tensor:
        """Return the sum over each token's rows [S, K] as [T, K], in 32 bits or more."""
        back = torch.empty_like(self._order)
        back[self._order] = torch.arange(len(back), device=back.device)
        wide = torch.promote_types(rows.dtype, torch.float32)
        return rows[back].view(*self._shape, -1).sum(dim=1, dtype=wide)
