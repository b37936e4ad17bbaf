"""Out of memory never ends a run: give up speed, rung by rung, and do the same step again.

The rungs: keep the activations of fewer layers; let inputs and embedding wait in the computer's
memory; halve the micro-batch until it holds the longest example alone; let base weights wait in the
computer's memory. The effective batch, and so the result, stays the same but for rounding.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from core.errors import UserFacingError, is_out_of_memory
from core.jobs.events import Notice
from core.jobs.link import JobLink
from core.training.engine.plan import EnginePlan
from core.training.loss import Loss

T = TypeVar("T")
_BREATH_SECONDS = 1.0


@dataclass
class MemoryLadder:
    """Where a run stands on the ladder.

    Attributes:
        capacity: most tokens of a micro-batch now.
        longest: tokens of the longest example; a micro-batch cannot be smaller.
        loss: computes the losses; follows the plan.
        plan: what memory is spent on now.
        layers: how many can keep their activations or not, each for itself; 1 where only all can.
        can_move: whether the computer has a memory besides the one that was not enough, and the
            engine can use it.
    """

    capacity: int
    longest: int
    loss: Loss
    plan: EnginePlan = EnginePlan()  # noqa: RUF009 - it is frozen
    layers: int = 1
    can_move: bool = False

    def step_down(self) -> str:
        """Take the next rung; return what changed, in plain words.

        Raises:
            UserFacingError: there is none left (code ``training.out_of_memory``).
        """
        for rung in (self._keep_fewer, self._move_inputs, self._compute_fewer, self._move_weights):
            told = rung()
            if told:
                return told
        raise UserFacingError(
            "training.out_of_memory",
            "Even the leanest way to train needs more memory than is free.",
            "Close other programs, shorten the longest examples, or choose a smaller base model.",
        )

    def follow(self, plan: EnginePlan) -> None:
        """Spend memory as ``plan`` says from now on."""
        self.plan = plan
        self.loss.follow(plan)

    def _keep_fewer(self) -> str:
        kept = self.plan.kept(self.layers)
        if not kept:
            return ""
        self.follow(replace(self.plan, keep_layers=kept // 2))
        cost = "up to a third" if kept // 2 == 0 else "a little"
        return f"Less is kept in memory, so each step takes {cost} longer."

    def _move_inputs(self) -> str:
        if not self.can_move or (self.plan.offload_inputs and self.plan.host_embedding):
            return ""
        chunk = min(self.plan.loss_chunk_mib, 128)
        self.follow(
            replace(self.plan, offload_inputs=True, host_embedding=True, loss_chunk_mib=chunk)
        )
        return "Some of what is computed now waits in the computer's own memory."

    def _compute_fewer(self) -> str:
        if self.capacity <= self.longest:
            return ""
        self.capacity = max(self.longest, self.capacity // 2)
        return f"At most {self.capacity} tokens are now computed at once."

    def _move_weights(self) -> str:
        streamed = self.plan.stream_layers
        if not self.can_move or streamed >= self.layers:
            return ""
        half = -(-self.layers // 2)
        self.follow(replace(self.plan, stream_layers=half if streamed < half else self.layers))
        return "A part of the model now waits in the computer's own memory; steps may take longer."

    def climb_down_until_it_fits(
        self, work: Callable[[], T], undo: Callable[[], None], link: JobLink
    ) -> T:
        """Return what ``work`` gives, on the first rung on which the memory is enough.

        Args:
            work: one step's passes, or one validation.
            undo: removes what an interrupted ``work`` left (gradients, random state).
            link: told about each rung.

        Raises:
            UserFacingError: see :meth:`step_down`.
        """
        while True:
            try:
                return work()
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Not inside the handler: the exception's traceback holds the step's tensors.
            undo()
            free_memory()
            link.emit(
                Notice(
                    level="warning",
                    code="training.less_memory",
                    text="The memory was not enough, so the training goes on in a leaner way.",
                    todo=self.step_down(),
                )
            )


def load_twice(load: Callable[[], T], link: JobLink) -> T:
    """Return what ``load`` gives; where the memory was not enough, clear it and try once more.

    Another program often holds memory for a moment only, and pieces of the first try are in the
    way of the second.

    Raises:
        UserFacingError: it is not enough either (code ``training.out_of_memory``).
    """
    text = "The memory was not enough to load the base model."
    for todo in ("It is tried once more.", ""):
        try:
            return load()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        free_memory()
        if todo:
            link.emit(Notice(level="warning", code="training.less_memory", text=text, todo=todo))
            time.sleep(_BREATH_SECONDS)
    raise UserFacingError(
        "training.out_of_memory", text, "Close other programs, or choose a smaller base model."
    )


def free_memory() -> None:
    """Give unused blocks back to the card."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
