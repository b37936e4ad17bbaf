"""The one question that a training loop asks: how is the loss of a micro-batch computed?"""

from __future__ import annotations

from collections.abc import Callable

from peft import PeftModel
from torch import Tensor

from core.training.engine.engine import attach
from core.training.engine.plan import EnginePlan
from core.training.engine.reading import Unsupported
from core.training.loss import summed_loss
from core.training.packing import PackedBatch

LossFunction = Callable[[PackedBatch], Tensor]
"""Takes a packed micro-batch to the summed loss of its trained tokens, differentiable."""


def choose_loss(
    model: PeftModel, device: str, plan: EnginePlan | None = None
) -> tuple[LossFunction, str]:
    """Return the engine's loss for ``model``, or peft's own where the engine cannot run it.

    Returns:
        The function, and why the fast path is not used: one sentence, or ``""`` where it is.
    """
    try:
        engine = attach(model, plan)
    except Unsupported as reason:
        return (lambda batch: summed_loss(model, batch, device)), str(reason)
    return (lambda batch: engine.forward_loss(batch)[0]), ""
