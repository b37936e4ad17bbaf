"""Out of memory never ends a run: give up speed, rung by rung, and do the same step again.

The rungs: keep the activations of fewer layers; let inputs and embedding wait in the computer's
memory; halve the micro-batch until it holds the longest example alone; let base weights wait in the
computer's memory; compute few heads of gated delta-net layers at a time. The effective batch, and
so the result, stays the same but for rounding.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from core.config.engine import STATES_MIB, EnginePlan
from core.errors import UserFacingError, is_out_of_memory
from core.events import Notice
from core.jobs.link import JobLink
from core.language import _
from core.training.loss import Loss

T = TypeVar("T")
_BREATH_SECONDS = 1.0


@dataclass
class MemoryFallback:
    """Where a run stands on the fallback.

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

    def fall_back(self) -> str:
        """Take the next rung that holds; return what changed, in plain words.

        Moving something takes memory itself. Where that fails, the rung after it is tried.

        Raises:
            UserFacingError: there is none left (code ``training.out_of_memory``).
        """
        for fallback_step in (
            self._keep_fewer,
            self._move_inputs,
            self._compute_fewer,
            self._move_weights,
            self._fewer_heads,
        ):
            told = unless_out_of_memory(fallback_step)
            if told:
                return told
        raise UserFacingError(
            "training.out_of_memory",
            _("Even the most economical way to train needs more memory than is free."),
            _(
                "Close other programs, shorten the longest examples, or choose a smaller base "
                "model."
            ),
        )

    def follow(self, plan: EnginePlan) -> None:
        """Spend memory as ``plan`` says from now on.

        Where this fails, ``plan`` stays the one before; it must be followed again, since the engine
        stands between the two.
        """
        self.loss.follow(plan)
        self.plan = plan

    def change_to(self, plan: EnginePlan, link: JobLink) -> bool:
        """Follow ``plan`` if the memory is enough to get there; return whether it was.

        Where it was not, everything is as before, or leaner where even the way back is too much.

        Raises:
            UserFacingError: see :meth:`fall_back`.
        """

        def followed() -> bool:
            self.follow(plan)
            return True

        if unless_out_of_memory(followed):
            return True
        self.fall_back_until_it_fits(lambda: self.follow(self.plan), lambda: None, link)
        return False

    def _keep_fewer(self) -> str:
        kept = self.plan.kept(self.layers)
        if not kept:
            return ""
        self.follow(replace(self.plan, keep_layers=kept // 2))
        if kept // 2 == 0:
            return _("Less is kept in memory, so each step takes up to a third longer.")
        return _("Less is kept in memory, so each step takes a little longer.")

    def _move_inputs(self) -> str:
        if not self.can_move or (self.plan.offload_inputs and self.plan.host_embedding):
            return ""
        chunk = min(self.plan.loss_chunk_mib, 128)
        self.follow(
            replace(self.plan, offload_inputs=True, host_embedding=True, loss_chunk_mib=chunk)
        )
        return _("Some intermediate results are now held in the computer's own memory.")

    def _compute_fewer(self) -> str:
        if self.capacity <= self.longest:
            return ""
        self.capacity = max(self.longest, self.capacity // 2)
        self.follow(self.plan)  # an earlier rung may have left the engine half-way
        return _("At most {tokens:,} tokens are now computed at once.", tokens=self.capacity)

    def _move_weights(self) -> str:
        streamed = self.plan.stream_layers
        if not self.can_move or streamed >= self.layers:
            return ""
        half = -(-self.layers // 2)
        self.follow(replace(self.plan, stream_layers=half if streamed < half else self.layers))
        return _(
            "Part of the model is now held in the computer's own memory; steps may take longer."
        )

    def _fewer_heads(self) -> str:
        least = STATES_MIB[-1]
        if self.plan.states_mib <= least:
            return ""
        self.follow(replace(self.plan, states_mib=least))
        return _("Less is computed at once, so each step takes longer.")

    def fall_back_until_it_fits(
        self, work: Callable[[], T], undo: Callable[[], None], link: JobLink
    ) -> T:
        """Return what ``work`` gives, on the first rung on which the memory is enough.

        Args:
            work: one step's passes, or one validation.
            undo: removes what an interrupted ``work`` left (gradients, random state).
            link: told about each rung.

        Raises:
            UserFacingError: see :meth:`fall_back`.
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
                    text=_(
                        "There was not enough memory, so the run continues in a way that needs "
                        "less."
                    ),
                    todo=self.fall_back(),
                )
            )


def unless_out_of_memory(work: Callable[[], T]) -> T | None:
    """Return what ``work`` gives, or ``None``, and unused memory freed, if it was not enough."""
    try:
        return work()
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # Not inside the handler: the exception's traceback holds what the work had allocated.
    free_memory()
    return None


def load_twice(load: Callable[[], T], link: JobLink) -> T:
    """Return what ``load`` gives; where the memory was not enough, clear it and try once more.

    Another program often holds memory for a moment only, and pieces of the first try are in the
    way of the second.

    Raises:
        UserFacingError: it is not enough either (code ``training.out_of_memory``).
    """
    text = _("There was not enough memory to load the base model.")
    for todo in (_("Trying once more."), ""):
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
        "training.out_of_memory", text, _("Close other programs, or choose a smaller base model.")
    )


def free_memory() -> None:
    """Give unused blocks back to the card."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def start_counting_memory(device: str) -> None:
    """Let :func:`peak_on_card` count from here, with nothing unused; nothing without a card."""
    import torch

    free_memory()
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats(device)


def peak_on_card(device: str) -> int:
    """Return the most bytes that were reserved since then: what other programs could not have."""
    import torch

    return int(torch.cuda.max_memory_reserved(device))


def nothing() -> None:
    """Such work leaves nothing behind that would have to be undone."""
