"""Out of memory never ends a run: give up speed, rung by rung, and do the same step again.

The rungs: compute activations again instead of keeping them, then halve the micro-batch until it
holds the longest example alone. The effective batch, and so the result, stays the same but for
rounding.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.errors import UserFacingError, is_out_of_memory
from core.jobs.events import Notice
from core.jobs.link import JobLink
from core.training.loss import Loss

T = TypeVar("T")


@dataclass
class MemoryLadder:
    """Where a run stands on the ladder.

    Attributes:
        capacity: most tokens of a micro-batch now.
        longest: tokens of the longest example; a micro-batch cannot be smaller.
        recompute: whether activations are computed again in the backward pass.
        make_loss: gives the loss function for a choice of ``recompute``.
        loss: the loss function now.
    """

    capacity: int
    longest: int
    recompute: bool
    make_loss: Callable[[bool], Loss]
    loss: Loss

    def step_down(self) -> str:
        """Take the next rung; return what changed, in plain words.

        Raises:
            UserFacingError: there is none left (code ``training.out_of_memory``).
        """
        if not self.recompute:
            self.recompute = True
            self.loss = self.make_loss(True)
            return "Less is kept in memory, so each step takes about a third longer."
        if self.capacity > self.longest:
            self.capacity = max(self.longest, self.capacity // 2)
            return f"At most {self.capacity} tokens are now computed at once."
        raise UserFacingError(
            "training.out_of_memory",
            "Even the leanest way to train needs more memory than is free.",
            "Close other programs, shorten the longest examples, or choose a smaller base model.",
        )

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


def free_memory() -> None:
    """Give unused blocks back to the card."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
