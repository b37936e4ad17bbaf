"""What the engine spends memory on, decided before training by the planner or by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Precision = Literal["bf16", "fp8"]
FUSED_FAMILIES = frozenset(
    {
        "llama", "mistral", "qwen2", "qwen3", "phi3", "gemma", "gemma3_text", "qwen3_vl_text",
        "smollm3", "granite", "olmo2", "olmo3", "glm", "glm4", "seed_oss", "ministral",
        "ministral3", "qwen3_5_text", "gemma4_text", "gemma4_unified_text",
    }
)  # fmt: skip
"""The ``model_type`` of the configurations whose layers have the engine's form."""

STATES_MIB = (3072, 256)
"""Room for the states of gated delta-net layers on the way back: as fast as it gets, and least."""

RING = 2
"""Streamed layers on the card at one time: one computes while the next one arrives."""


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """How one micro-batch is run.

    Attributes:
        keep_layers: layers, counted from the last, that keep their activations for the backward
            pass. The others keep only their input and run their forward pass again, which costs
            about a third of a layer's time. ``None`` keeps all.
        offload_inputs: the inputs of recomputed layers wait in the host's memory.
        host_embedding: the token embedding lives in the host's memory; ignored where the output
            head shares its weight.
        stream_layers: layers whose base weights wait in the host's memory and come when needed.
        precision: type of the products with base weights.
        loss_chunk_mib: size of the block of logits that exists at one time.
        states_mib: room for what a gated delta-net layer computes again on the way back; the more,
            the more of its heads are computed at once.
        kernels: use Triton where the device has it. Without it the same arithmetic runs in plain
            PyTorch.
    """

    keep_layers: int | None = None
    offload_inputs: bool = False
    host_embedding: bool = False
    stream_layers: int = 0
    precision: Precision = "bf16"
    loss_chunk_mib: int = 512
    states_mib: int = STATES_MIB[-1]
    kernels: bool = True

    def __post_init__(self) -> None:
        if self.keep_layers is not None and self.keep_layers < 0:
            raise ValueError("keep_layers must not be negative")
        if self.stream_layers < 0:
            raise ValueError("stream_layers must not be negative")
        if self.loss_chunk_mib < 1:
            raise ValueError("loss_chunk_mib must be positive")

    def kept(self, layers: int) -> int:
        """How many of ``layers`` keep their activations."""
        return layers if self.keep_layers is None else min(self.keep_layers, layers)

    def keeps(self, layer: int, layers: int) -> bool:
        """Whether layer ``layer`` (from 0) of ``layers`` keeps its activations.

        The last layers are the ones to keep: their memory is free again before the first
        recomputation needs some.
        """
        return layer >= layers - self.kept(layers)

    def streams(self, layer: int, layers: int) -> bool:
        """Whether layer ``layer`` (from 0) of ``layers`` waits in the host's memory.

        They are spread evenly, so that a copy can hide behind the resident layers between two.
        """
        count = min(self.stream_layers, layers)
        return (layer + 1) * count // layers > layer * count // layers
