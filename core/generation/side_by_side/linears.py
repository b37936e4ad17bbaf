"""Adapters of several fine-tunes on one loaded base: every row of a batch may use another one.

Each adapted linear layer holds the matrices of all fine-tunes, filled up with zeros to the highest
rank; a row chooses its own by number. Number 0 is the base, to which nothing is added.

Shapes: n rows, T tokens of each, K inputs, N outputs, R the highest rank, F fine-tunes with the
base.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.generation.packed import FewRowLinear
from core.generation.side_by_side.experts import BankedExperts, banked_experts
from core.generation.spec import BASE

if TYPE_CHECKING:
    from core.models.lora import Update


class AdapterBank:
    """The fine-tunes of one base, and who uses which.

    Attributes:
        names: of the fine-tunes by number, :data:`BASE` first.
        index: [n] the number that each row uses.
        active: whether any row uses another one than the base.
    """

    def __init__(self, model: nn.Module, dtype: torch.dtype = torch.bfloat16) -> None:
        self._model, self._dtype = model, dtype
        self._layers: dict[str, BankedLinear] = {}
        self._experts: dict[str, BankedExperts] = {}
        self.names = [BASE]
        self.index = torch.zeros(1, dtype=torch.long)
        self.active = False

    @property
    def has_experts(self) -> bool:
        """Whether a fine-tune changes a layer's experts."""
        return bool(self._experts)

    def add(
        self,
        name: str,
        updates: Mapping[str, Update],
        experts: Mapping[str, list[Update]] | None = None,
    ) -> None:
        """Add a fine-tune under a new name.

        Args:
            experts: what it adds to the matrices of each layer's experts.

        Raises:
            KeyError: the base lacks a layer that it changes.
        """
        for module, several in (experts or {}).items():
            if module not in self._experts:
                self._experts[module] = banked_experts(self._model, module, self, self._dtype)
            self._experts[module].put(len(self.names), several)
            self._experts[module].fill()
        for module, update in updates.items():
            if module not in self._layers:
                self._layers[module] = self._wrapped(module)
            self._layers[module].put(len(self.names), update)
        self.names.append(name)
        for layer in self._layers.values():
            layer.fill(len(self.names))

    def _wrapped(self, name: str) -> BankedLinear:
        try:
            linear = self._model.get_submodule(name)
        except AttributeError as error:
            raise KeyError(name) from error
        layer = BankedLinear(linear, self, self._dtype)
        self._model.set_submodule(name, layer)
        return layer

    def use(self, index: Tensor, active: bool) -> None:
        """Let the rows of the next pass use these numbers [n] on the model's device."""
        self.index, self.active = index, active


class BankedLinear(nn.Module):
    """A frozen linear layer with one adapter for each fine-tune: ``a`` [F, R, K], ``b`` [F, N, R].

    alpha / r is worked into ``b``.
    """

    a: Tensor
    b: Tensor

    def __init__(self, base: nn.Module, bank: AdapterBank, dtype: torch.dtype) -> None:
        super().__init__()
        self.base = base
        self._bank, self._dtype = [bank], dtype  # in a list: the bank is no part of the layer
        self._updates: dict[int, Update] = {}

    def put(self, number: int, update: Update) -> None:
        """Keep the adapter of a fine-tune until :meth:`fill`."""
        self._updates[number] = update

    def fill(self, count: int) -> None:
        """Lay out the adapters of ``count`` fine-tunes, the base included."""
        some = next(iter(self._updates.values()))
        rank = max(update.down.shape[0] for update in self._updates.values())
        device = next(self.base.parameters()).device
        a = torch.zeros(count, rank, some.down.shape[1], dtype=self._dtype, device=device)
        b = torch.zeros(count, some.up.shape[0], rank, dtype=self._dtype, device=device)
        for number, update in self._updates.items():
            r = update.down.shape[0]
            a[number, :r] = update.down
            b[number, :, :r] = update.up.float() * update.scale
        self.register_buffer("a", a, persistent=False)
        self.register_buffer("b", b, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the base's output for ``x`` [n, T, K] or [n · T, K], plus each row's adapter's."""
        bank = self._bank[0]
        if bank.active and isinstance(self.base, FewRowLinear) and self._one_token_each(x):
            return self.base(x, (self.a, self.b, bank.index))  # type: ignore[no-any-return]
        y: Tensor = self.base(x)
        if not bank.active:
            return y
        rows = len(bank.index)
        if x.shape[0] % rows:
            raise RuntimeError(f"{tuple(x.shape)} is not the input of {rows} rows")
        apart = x.reshape(rows, -1, x.shape[-1]).to(self._dtype)
        reduced = torch.bmm(apart, self.a[bank.index].transpose(1, 2))
        added = torch.bmm(reduced, self.b[bank.index].transpose(1, 2))
        return y + added.reshape(y.shape).to(y.dtype)

    def _one_token_each(self, x: Tensor) -> bool:
        base = self.base
        rows = x.numel() // x.shape[-1]
        return isinstance(base, FewRowLinear) and base.takes(x) and rows == len(self._bank[0].index)
