"""The gate in front of 8-bit arithmetic: the person's own examples decide whether it is used."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import is_out_of_memory
from core.jobs.events import Notice
from core.training.loop import Run, micro_batches

if TYPE_CHECKING:
    import torch

LOSS_APART = 0.005
"""How far the losses of both precisions may lie apart, as a share.

SmolLM2-135M began 0.6 % apart, and was 6 % apart after 300 steps: ``tests/campaigns/parity.py``.
"""
SAME_DIRECTION = 0.95
"""The least cosine between both gradients; 1 is the same direction, 0 has nothing in common."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Parity:
    """How far 8 bits were from 16 bits over some effective batches, the worst of each."""

    loss_apart: float
    cosine: float

    @property
    def holds(self) -> bool:
        """Whether the same would be learned."""
        return self.loss_apart <= LOSS_APART and self.cosine >= SAME_DIRECTION

    def in_words(self) -> str:
        """Return the two numbers for people."""
        return f"losses {self.loss_apart:.2%} apart, directions {self.cosine:.1%} the same"


def settle_precision(run: Run) -> None:
    """Keep the 8 bits that the plan asks for only if they pass; say what was found.

    Nothing of the comparison is kept.
    """
    if run.ladder.plan.precision != "fp8":
        return
    try:
        found = compare(run)
        reason = "" if found.holds else f"It would learn something else: {found.in_words()}."
    except Exception as error:
        if is_out_of_memory(error):
            reason = "It needs more memory than is free."
        elif isinstance(error, RuntimeError | ValueError | NotImplementedError):
            reason = "This card or this PyTorch cannot multiply these matrices in 8 bits."
        else:
            raise
    run.optimizer.zero_grad(set_to_none=True)
    if not run.ranks.least(int(not reason)):
        reason = reason or "Another card found a difference."
    if not reason:
        text, todo = "Computing in 8 bits learns the same here, so it is used.", found.in_words()
        run.link.emit(Notice(level="good", code="training.fp8", text=text, todo=f"{todo}."))
        return
    run.ladder.follow(replace(run.ladder.plan, precision="bf16"))
    text = "Computing in 8 bits is not used; the training goes on in 16 bits."
    run.link.emit(Notice(level="warning", code="training.no_fp8", text=text, todo=reason))


def compare(run: Run) -> Parity:
    """Return how far the plan's 8 bits are from 16 on the first effective batches."""
    plan, loss = run.ladder.plan, run.ladder.loss
    worst = Parity(0.0, 1.0)
    try:
        for step in range(min(_TRIES, run.schedule.total_steps)):
            rows = run.schedule.batch(step)
            loss.follow(replace(plan, precision="bf16"))
            wide = _loss_and_gradient(run, rows)
            loss.follow(plan)
            narrow = _loss_and_gradient(run, rows)
            worst = _worse(worst, wide, narrow)
    finally:
        loss.follow(plan)
    return worst


def _loss_and_gradient(run: Run, rows: list[int]) -> tuple[float, torch.Tensor]:
    """Return the mean loss and the gradient, flat, of a step's first micro-batch."""
    import torch

    batch = next(micro_batches(run.train, rows, run.ladder.capacity))
    run.optimizer.zero_grad(set_to_none=True)
    loss = run.ladder.loss(batch)[0] / max(1, batch.trained_tokens)
    loss.backward()  # type: ignore[no-untyped-call]
    flat = torch.cat([p.grad.flatten() for p in run.parameters if p.grad is not None])
    return float(loss.detach()), flat


def _worse(
    worst: Parity, wide: tuple[float, torch.Tensor], narrow: tuple[float, torch.Tensor]
) -> Parity:
    import torch

    apart = abs(narrow[0] - wide[0]) / max(wide[0], 1e-9)
    cosine = float(torch.cosine_similarity(wide[1], narrow[1], dim=0))
    if not (math.isfinite(apart) and math.isfinite(cosine)):
        return Parity(math.inf, 0.0)
    return Parity(max(worst.loss_apart, apart), min(worst.cosine, cosine))
