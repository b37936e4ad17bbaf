"""What a stored LoRA adapter adds to the weights of its base, module by module.

Source: Hu et al., 2021, *LoRA: Low-Rank Adaptation of Large Language Models*: W + alpha / r * B A;
with rsLoRA (Kalajdzievski, 2023) alpha / sqrt(r).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    """What the adapter adds to one weight: ``scale`` · ``up`` [N, r] · ``down`` [r, K]."""

    down: torch.Tensor
    up: torch.Tensor
    scale: float

    def added_to(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the sum [N, K] in float32."""
        device = weight.device
        return weight.float().addmm_(
            self.up.float().to(device), self.down.float().to(device), alpha=self.scale
        )


def read_updates(adapter: Path) -> dict[str, Update]:
    """Return what a stored adapter adds, by the module's name in the loaded base.

    Raises:
        UnknownAdapterError: it does something other than adding such a product to linear layers.
    """
    from safetensors.torch import load_file

    config = read_json(adapter / CONFIG)
    special = [n for n in ("use_dora", "rank_pattern", "alpha_pattern") if config.get(n)]
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in load_file(adapter / WEIGHTS).items():
        module, _dot, part = name.removesuffix(".weight").rpartition(".")
        parts.setdefault(module.removeprefix("base_model.model."), {})[part] = tensor
    special += [module for module, found in parts.items() if found.keys() != _KNOWN]
    if special:
        raise UnknownAdapterError(special)
    root = math.sqrt(config["r"]) if config.get("use_rslora") else config["r"]
    scale = config["lora_alpha"] / root
    return {name: Update(two["lora_A"], two["lora_B"], scale) for name, two in parts.items()}
