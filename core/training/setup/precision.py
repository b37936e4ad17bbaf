"""The gate in front of 8-bit arithmetic: your own examples decide whether it is used."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.chat.tokens import micro_batches
from core.errors import is_out_of_memory
from core.events import Notice
from core.language import Sentence, _
from core.training.checkpoints.checkpoint import random_state, restore_random_state
from core.training.run import Run
from core.training.step import make_optimizer

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

    def in_words(self) -> Sentence:
        """Return the two numbers in a sentence."""
        return _(
            "The losses differ by {loss:.2%}; the directions agree to {cosine:.1%}.",
            loss=self.loss_apart,
            cosine=self.cosine,
        )


def settle_precision(run: Run) -> None:
    """Keep the 8 bits that the settings ask for only if they pass; say what was found.

    Nothing of the comparison is kept. It begins with the adapter that the run began with, also
    where the run will be resumed, so that a resumed run comes to the same answer.
    """
    if run.config.precision != "fp8":
        return
    reason, found = _why_impossible(run), ""
    if not reason:
        reason, found = _compared(run)
    if not run.ranks.least(int(not reason)):
        reason = reason or _("Another card cannot compute in 8 bits with the same result.")
    if not reason:
        text, todo = _("Computing in 8 bits learns the same here, so it is used."), found
        run.link.emit(Notice(level="good", code="training.fp8", text=text, todo=todo))
        return
    run.fallback.fall_back_until_it_fits(lambda: _in_16_bits(run), lambda: None, run.link)
    text = _("Computing in 8 bits is not used; the run continues in 16 bits.")
    run.link.emit(Notice(level="warning", code="training.no_fp8", text=text, todo=reason))


def _in_16_bits(run: Run) -> None:
    run.fallback.follow(replace(run.fallback.plan, precision="bf16"))


def _why_impossible(run: Run) -> str:
    """Say why nothing would be computed in 8 bits here, ``""`` where something would."""
    from core.training.engine.fused.fp8 import has_fp8

    engine = getattr(run.fallback.loss, "engine", None)
    if engine is None:
        return _("Only the fast path can compute in 8 bits, and it does not support this model.")
    if not has_fp8(engine.device):
        return _("This graphics card cannot compute in 8 bits. A GeForce RTX 40 or newer can.")
    if run.fallback.plan.precision != "fp8":
        return _("Only a graphics card can compute in 8 bits.")
    return ""


def _compared(run: Run) -> tuple[str, str]:
    """Return why 8 bits are refused, ``""`` if they are not, and what the comparison found."""
    try:
        found = compare(run)
    except Exception as error:
        if is_out_of_memory(error):
            return _("It needs more memory than is free."), ""
        if isinstance(error, RuntimeError | ValueError | NotImplementedError):
            return (
                _("This card or this PyTorch cannot multiply these matrices in 8 bits."),
                "",
            )
        raise
    words = found.in_words()
    if found.holds:
        return "", words
    return _("The model would learn something different in 8 bits. {words}", words=words), words


def compare(run: Run) -> Parity:
    """Return how far the plan's 8 bits are from 16 over the first steps of this training.

    An untrained adapter would hide the half of it: while B is zero, so are the gradients of A. So
    the adapter takes real steps in 16 bits between the comparisons. All of it is undone.
    """
    plan, loss = run.fallback.plan, run.fallback.loss
    kept = [parameter.detach().cpu().clone() for parameter in run.parameters]
    random = random_state()
    worst = Parity(0.0, 1.0)
    try:
        optimizer = make_optimizer(run.model, run.config)  # at its full rate: no warm-up
        for step in range(_TRIES):
            rows = run.schedule.batch(step % run.schedule.total_steps)
            loss.follow(plan)
            narrow = _loss_and_gradients(run, rows)
            loss.follow(replace(plan, precision="bf16"))
            wide = _loss_and_gradients(run, rows)
            worst = _worse(worst, wide, narrow)
            optimizer.step()
    finally:
        run.optimizer.zero_grad(set_to_none=True)
        _put_back(run.parameters, kept)
        restore_random_state(random)
    loss.follow(plan)
    return worst


def _put_back(parameters: list[torch.Tensor], values: list[torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)


def _loss_and_gradients(run: Run, rows: list[int]) -> tuple[float, list[torch.Tensor]]:
    """Return the mean loss of a step's first micro-batch, and the gradients of all A and all B."""
    import torch

    batch = next(micro_batches(run.train, rows, run.fallback.capacity))
    run.optimizer.zero_grad(set_to_none=True)
    loss = run.fallback.loss(batch)[0] / max(1, batch.trained_tokens)
    loss.backward()  # type: ignore[no-untyped-call]
    halves: dict[bool, list[torch.Tensor]] = {True: [], False: []}
    for name, parameter in run.model.named_parameters():
        if parameter.grad is not None:
            halves["lora_A" in name].append(parameter.grad.flatten())
    return float(loss.detach()), [torch.cat(half) for half in halves.values() if half]


def _worse(
    worst: Parity,
    wide: tuple[float, list[torch.Tensor]],
    narrow: tuple[float, list[torch.Tensor]],
) -> Parity:
    apart = abs(narrow[0] - wide[0]) / max(wide[0], 1e-9)
    cosines = [_cosine(*pair) for pair in zip(wide[1], narrow[1], strict=True)]
    if not all(math.isfinite(number) for number in (apart, *cosines)):
        return Parity(math.inf, 0.0)
    return Parity(max(worst.loss_apart, apart), min(worst.cosine, *cosines))


def _cosine(wide: torch.Tensor, narrow: torch.Tensor) -> float:
    import torch

    if not wide.any() and not narrow.any():
        return 1.0  # an untrained half has no direction yet
    return float(torch.cosine_similarity(wide, narrow, dim=0))
