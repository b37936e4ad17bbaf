"""Loads a base model to answer with: on the card if it fits there, else streamed layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from core.config.engine import FUSED_FAMILIES, EnginePlan
from core.generation.room import can_write_out, free_bytes
from core.models.four_bit import unpack_linears, written_out_bytes
from core.models.inspection import inspect_model
from core.models.loading import load_base
from core.models.shape import ModelShape
from core.planning.memory import MemorySettings, memory_need
from core.training.engine.offload.layerwise import load_layerwise, text_layers
from core.training.engine.offload.weight_stream import WeightStream, linear_weights

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_BESIDES = 3_000_000_000  # bytes for answers in the making and unpacked weights


def load_to_answer(
    folder: Path, quantisation: str, device: str, free: int | None = None
) -> PreTrainedModel:
    """Return the base model, frozen, whole on ``device`` or with layers that come when needed.

    Args:
        folder: a model folder that ``inspect_model`` accepts.
        quantisation: ``"nf4"`` or ``"none"``.
        device: where answers are computed.
        free: bytes free there; by default the card is asked, and a processor has no limit.

    Raises:
        UserFacingError: the weights cannot be loaded.
    """
    if free is None and device != "cpu":
        free = torch.cuda.mem_get_info(device)[0]
    facts = inspect_model(folder)
    plan = _plan(facts.shape, quantisation, free)
    by_layer = facts.model_type in FUSED_FAMILIES
    if not plan.stream_layers or not by_layer:
        return load_base(folder, quantisation, device)
    layers = facts.shape.layers
    model = load_layerwise(folder, quantisation, device, lambda layer: plan.streams(layer, layers))
    stream = WeightStream(torch.device(device))
    modules = list(text_layers(model))
    waiting = {i: linear_weights(modules[i]) for i in range(layers) if plan.streams(i, layers)}
    stream.hold(waiting, modules)  # the layers' hooks keep it alive
    return model


def write_out_if_room(model: nn.Module, device: str) -> None:
    """Write 4-bit weights out where a processor answers, if its memory allows that.

    Args:
        model: a base, or a peft model around it.
    """
    if device == "cpu" and can_write_out(written_out_bytes(model), free_bytes(device)):
        unpack_linears(model)


def _plan(shape: ModelShape, quantisation: str, free: int | None) -> EnginePlan:
    """Stream as few layers as must be."""
    for count in range(shape.layers + 1):
        settings = MemorySettings(
            quantisation="nf4" if quantisation == "nf4" else "none", stream_layers=count
        )
        if free is None or memory_need(shape, settings).weights + _BESIDES <= free:
            return EnginePlan(stream_layers=count)
    return EnginePlan(stream_layers=shape.layers)
