"""Keep activations, which is faster, or compute them again, which saves memory."""

from __future__ import annotations

from dataclasses import replace

from core.models.shape import ModelShape
from core.planning.memory import Device, MemorySettings, memory_need
from core.training.config import TrainingConfig

FUSED_FAMILIES = frozenset({"llama", "mistral", "qwen2", "qwen3", "phi3", "gemma"})
_LOSS_BLOCK = 512 << 20  # bytes of logits, in 16 bits, that the fused loss has at one time
MEMORY_SHARE = 0.85  # of what is free may be planned for; other programs need some too


def planned_settings(
    shape: ModelShape,
    config: TrainingConfig,
    device: Device,
    free: int | None,
    model_type: str = "",
) -> MemorySettings:
    """Return the memory settings of a run, as plans and the training itself choose them.

    Everything is kept if that fits, else every layer is computed again in the backward pass, which
    costs about a third more time and gives the same result.

    Args:
        free: bytes free on the card, or in the computer's memory without one; ``None`` if unknown.
        model_type: as in the model's config; an unknown one counts without the fast path.
    """
    fused = config.engine == "auto" and not config.dropout and model_type in FUSED_FAMILIES
    settings = MemorySettings(
        rank=config.rank,
        micro_batch_tokens=max(config.micro_batch_tokens, config.max_length),
        quantisation=config.quantisation,
        device=device,
        layers="fused" if fused else "peft",
        loss_chunk_tokens=max(16, _LOSS_BLOCK // (2 * shape.vocab_size)) if fused else 0,
    )
    if free is None or memory_need(shape, settings).total <= MEMORY_SHARE * free:
        return settings
    return replace(settings, recompute=1.0)
