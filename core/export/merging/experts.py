"""Which stored tensors the adapter of a mixture's experts changes, and what 4 bits leave of them.

Files hold the experts of a layer in blocks [E, N, K] (or [E, K, N]), or each expert's matrices by
themselves; loaded models always have blocks, with the gate above the inner layer's other half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.models.lora import Update
from core.models.weights import Tensor

if TYPE_CHECKING:
    import torch

_ALONE = re.compile(r"\.layers\.(\d+)\.(?:.+\.)?experts\.(\d+)\.(\w+)\.weight$")
_LAYER = re.compile(r"\.layers\.(\d+)\.")
_ROLES = {"gate_proj": "gate", "w1": "gate", "up_proj": "up", "w3": "up", "down_proj": "down",
          "w2": "down"}  # fmt: skip
_BLOCKS = ("gate_up_proj", "up_proj", "down_proj")


def touched_experts(
    module: str,
    updates: list[Update],
    stored: Mapping[str, Tensor],
    name_of: Callable[[str], str | None],
) -> dict[str, Update] | None:
    """Return the updates by the names of the stored tensors, ``None`` where they do not fit.

    Args:
        module: the experts of a layer, in the loaded model.
        name_of: the stored name of a tensor of the loaded model.
    """
    names = {last: name_of(f"{module}.{last}") for last in _BLOCKS}
    blocks = {name: stored[name].shape for name in names.values() if name}
    return _in_blocks(updates, blocks) if blocks else _alone(module, updates, stored)


def _in_blocks(
    updates: list[Update], blocks: dict[str, tuple[int, ...]]
) -> dict[str, Update] | None:
    for turned in (False, True):
        shapes = [_shape(update, turned=turned) for update in updates]
        found = {}
        for name, shape in blocks.items():
            if shapes.count(shape) == 1:
                update = updates[shapes.index(shape)]
                found[name] = _turned(update) if turned else update
        if len(found) == len(updates):
            return found
    return None


def _shape(update: Update, *, turned: bool) -> tuple[int, ...]:
    count, rows, columns = (*update.up.shape[:2], update.down.shape[2])
    return (count, columns, rows) if turned else (count, rows, columns)


def _turned(update: Update) -> Update:
    """Return the update of a block that is stored as [E, K, N]."""
    return Update(update.up.transpose(1, 2), update.down.transpose(1, 2), update.scale)


def _alone(
    module: str, updates: list[Update], stored: Mapping[str, Tensor]
) -> dict[str, Update] | None:
    layer = _LAYER.search(f".{module}.")
    names = {}
    for name in stored:
        match = _ALONE.search(f".{name}")
        if layer and match and match[1] == layer[1] and match[3] in _ROLES:
            names[int(match[2]), _ROLES[match[3]]] = name
    found: dict[str, Update] = {}
    for update in updates:
        for expert in range(len(update.up)):
            one = Update(update.down[expert], update.up[expert], update.scale)
            parts = _parts(one, expert, names, stored)
            if parts is None:
                return None
            found |= parts
    return found


def _parts(
    one: Update, expert: int, names: dict[tuple[int, str], str], stored: Mapping[str, Tensor]
) -> dict[str, Update] | None:
    """Return the update of one expert's matrix by its tensor, or by its two tensors."""
    import torch

    for roles in (("gate", "up"), ("up",), ("down",)):
        some = tuple(name for role in roles if (name := names.get((expert, role))))
        rows = [stored[name].shape[0] for name in some]
        fits = len(some) == len(roles) and sum(rows) == len(one.up)
        if fits and all(stored[name].shape[1:] == one.down.shape[1:] for name in some):
            halves = torch.split(one.up, rows)
            beside = some if len(some) > 1 else ()
            return {
                name: Update(one.down, half, one.scale, beside)
                for name, half in zip(some, halves, strict=True)
            }
    return None


def four_bits_of_experts(weights: torch.Tensor, device: str) -> torch.Tensor:
    """Return what is left of weights [E, N, K] after they were packed as in training."""
    import torch

    from core.models.experts.packing import PackedExperts

    return PackedExperts.of(weights.to(device, torch.bfloat16)).unpacked()
