"""The adapter of one matrix of a layer's experts: parameters and names are peft's own."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import LoraConfig
from peft.tuners.lora.layer import ParamWrapper

from core.models.experts.matrix import Factors
from core.models.experts.modules import FACTORS


class ExpertsLora(ParamWrapper):  # type: ignore[misc]
    """Low-rank factors of all experts, handed to the experts' own forward pass.

    peft's own class adds A·B to the weights of all experts before they compute, which 4-bit weights
    cannot have done to them, and which would take as much memory as the layer in 16 bits.
    """

    def __init__(self, base_layer: Any, adapter_name: str, *, config: LoraConfig, **kwargs: Any):
        without_dropout = copy.copy(config)
        without_dropout.lora_dropout = 0.0
        super().__init__(base_layer, adapter_name, config=without_dropout, **kwargs)

    def _move_adapter_to_device_of_base_layer(
        self, adapter_name: str, device: torch.device | None = None
    ) -> None:
        place = device or self.get_param().device
        for half in (self.lora_A, self.lora_B):
            half[adapter_name] = half[adapter_name].to(place)

    @contextmanager
    def _activate_lora(self, active_adapters: list[str]) -> Iterator[None]:
        """Let the base layer know the factors while it computes."""
        names = [name for name in active_adapters if name in self.lora_A]
        base = self.get_base_layer()
        known: dict[str, Factors] = base.__dict__.setdefault(FACTORS, {})
        if names:
            name = names[0]
            known[self.parameter_name] = Factors(
                self.lora_A[name].weight, self.lora_B[name].weight, float(self.scaling[name])
            )
        try:
            yield
        finally:
            known.pop(self.parameter_name, None)


# WORKAROUND: peft asks for this name where a second matrix of the same experts is wrapped.
ExpertsLora.__name__ = ParamWrapper.__name__
