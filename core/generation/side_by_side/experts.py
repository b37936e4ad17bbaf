"""Adapters of several fine-tunes on a layer's experts: every token may use another one.

The factors of all fine-tunes lie beside each other, r of each; a token's own columns count for it,
and none for a token of the base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

from core.models.experts.matrix import Factors, shape_of
from core.models.experts.modules import FACTORS, is_experts, matrices

if TYPE_CHECKING:
    from core.models.lora import Update


class Choice(Protocol):
    """Who uses which fine-tune; see :class:`core.generation.side_by_side.linears.AdapterBank`."""

    index: Tensor
    active: bool


class BankedExperts:
    """The experts of one layer with the factors of every fine-tune; hands them to each pass."""

    def __init__(self, module: nn.Module, bank: Choice, dtype: torch.dtype) -> None:
        self._module, self._bank, self._dtype = module, bank, dtype
        self._updates: dict[str, dict[int, Update]] = {}
        self._factors: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
        module.register_forward_pre_hook(self._lend)

    def put(self, number: int, updates: list[Update]) -> None:
        """Keep what a fine-tune adds to each matrix until :meth:`fill`.

        Raises:
            KeyError: the experts have no such matrix.
        """
        for update in updates:
            self._updates.setdefault(self._matrix_of(update), {})[number] = update

    def _matrix_of(self, update: Update) -> str:
        module: Any = self._module
        wanted = (*update.up.shape[:2], update.down.shape[2])
        for name in matrices(module):
            count, rows, columns = shape_of(module._parameters[name])
            shape = (count, columns, rows) if module.is_transposed else (count, rows, columns)
            if shape == wanted:
                return name
        raise KeyError(f"experts {wanted}")

    def fill(self) -> None:
        """Lay the factors of all fine-tunes beside each other."""
        for name, updates in self._updates.items():
            place: Any = self._module._parameters[name]
            a = torch.cat([u.down for u in updates.values()], dim=1)  # [E, R, K]
            b = torch.cat([u.up.float() * u.scale for u in updates.values()], dim=2)  # [E, N, R]
            owners = [n for n, u in updates.items() for _ in range(u.down.shape[1])]
            self._factors[name] = (
                a.flatten(0, 1).to(place.device, self._dtype),
                b.permute(1, 2, 0).flatten(1).to(place.device, self._dtype),
                torch.tensor(owners, device=place.device),
            )

    def _lend(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """Give the module the factors for the tokens of this pass."""
        if not self._bank.active:
            module.__dict__.pop(FACTORS, None)
            return
        tokens = inputs[0].numel() // inputs[0].shape[-1]
        index = self._bank.index
        own = index.repeat_interleave(tokens // len(index))[:, None]
        module.__dict__[FACTORS] = {
            name: Factors(a, b, 1.0, (own == owners).to(self._dtype))
            for name, (a, b, owners) in self._factors.items()
        }


def banked_experts(model: nn.Module, name: str, bank: Choice, dtype: torch.dtype) -> BankedExperts:
    """Return the experts of this name, ready for adapters.

    Raises:
        KeyError: the model has none of this name.
    """
    try:
        module = model.get_submodule(name)
    except AttributeError as error:
        raise KeyError(name) from error
    if not is_experts(module):
        raise KeyError(name)
    return BankedExperts(module, bank, dtype)
