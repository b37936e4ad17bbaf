"""Loss of one packed micro-batch, computed only where something is learned.

Two ways to the same number: the engine's fused layers, and peft's own forward pass for models and
settings that the engine does not know. Either gives the summed negative log-likelihood (nats) of
the trained tokens: the caller divides by the trained tokens of the whole effective batch, so that a
token weighs the same in whichever micro-batch it lies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.training.config import TrainingConfig
from core.training.packing import IGNORED, PackedBatch

if TYPE_CHECKING:
    import torch

Loss = Callable[[PackedBatch], "torch.Tensor"]


def training_loss(
    model: Any, config: TrainingConfig, device: str, *, recompute: bool = False
) -> tuple[Loss, str]:
    """Return how the losses of a run are computed, and why not by the engine (``""`` if so).

    Args:
        model: the base with its adapter.
        config: the run's settings.
        device: where the model is.
        recompute: compute activations again in the backward pass instead of keeping them.
    """
    loss, reason = _engine_loss(model, config, device, recompute=recompute)
    if reason and recompute:
        _enable_recomputation(model)
    return loss, reason


def _engine_loss(
    model: Any, config: TrainingConfig, device: str, *, recompute: bool
) -> tuple[Loss, str]:
    from core.training.engine.choice import choose_loss
    from core.training.engine.plan import EnginePlan

    if config.engine == "peft" or config.dropout:
        wanted = "The settings ask for it." if config.engine == "peft" else "It knows no dropout."
        return lambda batch: summed_loss(model, batch, device), wanted
    return choose_loss(model, device, EnginePlan(keep_layers=0 if recompute else None))


def _enable_recomputation(model: Any) -> None:
    base = model.get_base_model()
    # transformers renamed it in the course of version 5
    names = ("activation_checkpointing_enable", "gradient_checkpointing_enable")
    enable = next(getattr(base, name) for name in names if hasattr(base, name))
    enable({"use_reentrant": False})


def summed_loss(model: Any, batch: PackedBatch, device: str) -> torch.Tensor:
    """Return the summed loss by the model's own forward pass, in bf16.

    Masked positions never reach the output layer, the largest matrix of a small model.

    Args:
        model: a causal language model, with or without a peft adapter.
        batch: one row of T tokens; positions restart at each example, from which transformers
            builds attention that stays inside each example.
        device: where the model is.
    """
    import torch

    with torch.autocast(device.partition(":")[0], torch.bfloat16):
        return _summed(model, batch, device)


def _summed(model: Any, batch: PackedBatch, device: str) -> torch.Tensor:
    import torch
    from torch.nn import functional

    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = base.model(  # [1, T, h]
        input_ids=torch.from_numpy(batch.ids).to(device),
        position_ids=torch.from_numpy(batch.position_ids).to(device),
        use_cache=False,
    ).last_hidden_state
    targets = torch.from_numpy(batch.labels[0, 1:]).to(device)  # position i predicts token i + 1
    learned = targets != IGNORED
    logits = base.lm_head(hidden[0, :-1][learned]).float()  # [n, V]
    cap = getattr(base.config, "final_logit_softcapping", None)
    if cap:
        logits = cap * torch.tanh(logits / cap)
    return functional.cross_entropy(logits, targets[learned], reduction="sum")
