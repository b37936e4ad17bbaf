"""What a stored LoRA adapter adds to the weights of its base, module by module.

Source: Hu et al., 2021, *LoRA: Low-Rank Adaptation of Large Language Models*: W + alpha / r * B A;
with rsLoRA (Kalajdzievski, 2023) alpha / sqrt(r).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.storage.files import read_json

if TYPE_CHECKING:
    import torch

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
_KNOWN = frozenset({"lora_A", "lora_B"})


class UnknownAdapterError(Exception):
    """An adapter of another kind; ``parts`` are the settings or modules that make it so."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__(", ".join(parts[:20]))
        self.parts = parts


@dataclass(frozen=True)
class Update:
    """What the adapter adds to one weight: ``scale`` · ``up`` [N, r] · ``down`` [r, K].

    Of a layer's experts that are stored in one block, both have a dimension of experts before.

    Attributes:
        beside: names of the stored tensors that are one matrix in the loaded model, this one among
            them; empty where it is one by itself.
    """

    down: torch.Tensor
    up: torch.Tensor
    scale: float
    beside: tuple[str, ...] = ()

    def added(self) -> torch.Tensor:
        """Return what is added [N, K], in float32."""
        return self.scale * (self.up.float() @ self.down.float())

    def added_to(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the sum [N, K] in float32."""
        up, down = (half.float().to(weight.device) for half in (self.up, self.down))
        if up.dim() == 3:
            return weight.float().baddbmm_(up, down, alpha=self.scale)
        return weight.float().addmm_(up, down, alpha=self.scale)


def read_updates(adapter: Path) -> dict[str, Update]:
    """Return what a stored adapter adds, by the module's name in the loaded base.

    Raises:
        UnknownAdapterError: it does something other than adding such a product to linear layers.
    """
    linears, experts = read_all_updates(adapter)
    if experts:
        raise UnknownAdapterError(["target_parameters"])
    return linears


def read_all_updates(adapter: Path) -> tuple[dict[str, Update], dict[str, list[Update]]]:
    """Return the same, and by experts' module what is added to each of its matrices [E, ...].

    Which matrix that is, peft does not store: the shapes tell.

    Raises:
        UnknownAdapterError: it does something other than adding such products.
    """
    from safetensors.torch import load_file

    config = read_json(adapter / CONFIG)
    special = [n for n in ("use_dora", "alpha_pattern") if config.get(n)]
    holders, rank = _of_experts(config)
    if config.get("rank_pattern") and not rank:
        special.append("rank_pattern")
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in load_file(adapter / WEIGHTS).items():
        module, _dot, part = name.removesuffix(".weight").rpartition(".")
        parts.setdefault(module.removeprefix("base_model.model."), {})[part] = tensor
    special += [module for module, found in parts.items() if found.keys() != _KNOWN]
    if special:
        raise UnknownAdapterError(special)
    root = math.sqrt if config.get("use_rslora") else float
    linears: dict[str, Update] = {}
    experts: dict[str, list[Update]] = {}
    for name, two in parts.items():
        module = name.replace(".base_layer", "")  # where peft wraps a second matrix
        if module.rpartition(".")[-1] in holders:
            update = _apart(two["lora_A"], two["lora_B"], rank, config["lora_alpha"] / root(rank))
            experts.setdefault(module, []).append(update)
        else:
            scale = config["lora_alpha"] / root(config["r"])
            linears[name] = Update(two["lora_A"], two["lora_B"], scale)
    return linears, experts


def _of_experts(config: dict[str, Any]) -> tuple[set[str], int]:
    """Return the last names of adapted experts, and the rank that all of them have, else 0."""
    parameters = config.get("target_parameters") or []
    pattern = config.get("rank_pattern") or {}
    ranks = set(pattern.values())
    if not parameters or set(pattern) != set(map(re.escape, parameters)) or len(ranks) != 1:
        return set(), 0
    return {name.split(".")[-2] for name in parameters}, ranks.pop()


def _apart(a: torch.Tensor, b: torch.Tensor, rank: int, scale: float) -> Update:
    """Return the factors of all experts, stored as A [E · r, K] and B [N, r · E], by expert."""
    count = len(a) // rank
    up = b.view(len(b), rank, count).permute(2, 0, 1)
    return Update(a.view(count, rank, -1), up, scale)
