"""Experts of a mixture that wait in the host's memory and come to the card layer by layer.

All experts of a layer travel, not only those that the router chose. Of the 128 experts of a layer
of Qwen3-30B-A3B, 4,096 tokens with 8 experts each leave out none, so a choice would save no bytes;
and it could begin only when the router has chosen, when nothing is left to hide the copy behind.

Attention, router and norms stay: they are a small part of a mixture's weights.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from core.config.engine import EnginePlan
from core.models.experts.modules import BRING, experts_of, matrices
from core.training.engine.offload.weight_stream import WeightStream


class ExpertsStream:
    """Lets the experts of some of a model's layers wait, in transformers' own forward pass.

    A layer asks for its weights by itself, since it knows whether it computes or goes back. One
    that is computed again on the way back may ask twice, which must not turn the direction.
    """

    def __init__(self, model: nn.Module, device: torch.device) -> None:
        self._layers = [module for _, module in experts_of(model)]
        self._weights = WeightStream(device)
        self._came_back_to: int | None = None

    def follow(self, plan: EnginePlan) -> None:
        """Let as many layers wait as ``plan`` says; the others' experts are on the device."""
        for layer, module in enumerate(self._layers):
            module.__dict__.pop(BRING, None)
            if plan.stream_layers:
                module.__dict__[BRING] = partial(self._bring, layer)
        self._weights.hold({
            layer: [module._parameters[name] for name in matrices(module)]  # type: ignore[misc]
            for layer, module in enumerate(self._layers)
            if plan.streams(layer, len(self._layers))
        })  # fmt: skip

    @property
    def waiting(self) -> set[int]:
        """The layers, counted among those with experts, whose experts wait on the host."""
        return self._weights.waiting

    def _bring(self, layer: int, *, back: bool) -> None:
        again = self._came_back_to is not None and layer < self._came_back_to
        self._came_back_to = layer if back or again else None
        self._weights.need(layer, back=back or again)
