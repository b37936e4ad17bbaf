"""More than one card: every process runs the same loop and computes its share of each step.

The adapters are equal everywhere and stay so: gradients are summed over all ranks before each
optimizer step, and losses are divided by the trained tokens of the whole effective batch, so the
result is that of one card but for rounding. The first rank speaks, saves and follows your
requests. The processes talk over this machine's loopback alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.chat.packing import PackedBatch
from core.errors import UserFacingError, is_out_of_memory
from core.hardware.cards.alike import how_many_together
from core.language import _
from core.models.loading import training_device

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
MEETING_POINT = "cards"
"""Name of the file in a run folder by which the processes find each other."""
_ARRIVED = "arrived"
_POLL_SECONDS = 0.05
_PATIENCE = timedelta(days=7)  # the first rank may be paused overnight; a death is noticed at once


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process among those that train together; alone by default.

    Attributes:
        rank: 0 for the process that speaks and saves.
        world: how many processes there are.
    """

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that speaks and saves."""
        return self.rank == 0

    def share(self, batches: Sequence[PackedBatch]) -> list[PackedBatch]:
        """Return this rank's micro-batches; the same call on every rank shares out all of them.

        They are dealt from the largest down, back and forth, so that no rank always gets the
        larger one.
        """
        if self.world == 1:
            return list(batches)
        order = sorted(batches, key=lambda batch: -batch.ids.size)
        turn = (self.rank, 2 * self.world - 1 - self.rank)
        return [batch for at, batch in enumerate(order) if at % (2 * self.world) in turn]

    def all_or_none(self, work: Callable[[], T]) -> T:
        """Return what ``work`` gives, unless memory was not enough on any rank.

        Raises:
            MemoryError: another rank ran out of memory, so that this one repeats the step as well.
        """
        if self.world == 1:
            return work()
        result, full = None, False
        try:
            result = work()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            full = True
        if self.sum(float(full))[0]:
            raise MemoryError("the memory of one of the cards was not enough")
        assert result is not None
        return result

    def sum(self, *values: float) -> list[float]:
        """Return each value summed over all ranks."""
        if self.world == 1:
            return list(values)
        return [float(value) for value in self._reduce(values, "SUM")]

    def least(self, value: int) -> int:
        """Return the smallest value of all ranks; waits for all of them."""
        return value if self.world == 1 else int(self._reduce([value], "MIN")[0])

    def _reduce(self, values: Sequence[float], operation: str) -> torch.Tensor:
        import torch
        from torch import distributed

        numbers = torch.tensor(values, dtype=torch.float64)
        with _told_apart():
            distributed.all_reduce(numbers, getattr(distributed.ReduceOp, operation))
        return numbers

    def gradient_block(self, parameters: Sequence[torch.Tensor]) -> torch.Tensor | None:
        """Let all gradients be views of one block of zeros [n], to be summed as it is.

        It belongs into the work that is given to :meth:`all_or_none`: nothing is allocated between
        that and the sum, where a rank that ran out of memory would leave the others waiting.

        Returns:
            The block; ``None`` for one rank alone, whose gradients stay as they are.
        """
        if self.world == 1:
            return None
        import torch

        sizes = [parameter.numel() for parameter in parameters]
        block = torch.zeros(sum(sizes), dtype=parameters[0].dtype, device=parameters[0].device)
        for parameter, part in zip(parameters, torch.split(block, sizes), strict=True):
            parameter.grad = part.view_as(parameter)
        return block

    def sum_gradients(self, block: torch.Tensor | None) -> None:
        """Replace every gradient in ``block`` by its sum over all ranks."""
        if block is None:
            return
        from torch import distributed

        with _told_apart():
            distributed.all_reduce(block)


class _told_apart:  # noqa: N801 - used as a statement
    """Turn the end of another process into a sentence."""

    def __enter__(self) -> None:
        """Nothing is needed before."""

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, RuntimeError) and not is_out_of_memory(error):
            raise _card_lost(str(error)) from error


def _card_lost(details: str) -> UserFacingError:
    return UserFacingError(
        "training.card_lost",
        _("The process of another card ended, so the cards cannot continue together."),
        _("Resume the run; everything up to the last checkpoint is kept."),
        details,
    )


ALONE = Ranks()


def join(
    rank: int,
    world: int,
    meeting_point: Path,
    *,
    cards: bool,
    is_lost: Callable[[], bool] = lambda: False,
) -> Ranks:
    """Meet the other processes; returns when all are there.

    Args:
        rank: of this process, from 0.
        world: how many processes there are.
        meeting_point: a file that does not exist yet, or that the others have just made.
        cards: whether each has a card of its own (else they compute on the processor).
        is_lost: whether one of the others has ended; asked while they are waited for.

    Raises:
        UserFacingError: one of them has ended (code ``training.card_lost``).
    """
    from torch import distributed

    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        os.environ[name] = "lo"  # nothing outside this machine can be reached or can listen
    store = distributed.FileStore(str(meeting_point), world)  # type: ignore[attr-defined]
    store.add(_ARRIVED, 1)
    while store.add(_ARRIVED, 0) < world:  # else an end before the meeting would never be noticed
        if is_lost():
            raise _card_lost("it ended before all had met")  # not shown: technical details
        time.sleep(_POLL_SECONDS)
    backend = "cpu:gloo,cuda:nccl" if cards else "gloo"
    distributed.init_process_group(
        backend, store=store, rank=rank, world_size=world, timeout=_PATIENCE
    )
    return Ranks(rank, world)


def give_up_waiting() -> None:
    """End what the cards are waiting for: one of the others is gone, and NCCL never notices.

    The sum that is interrupted has no meaning. Nothing is done with it, because the processors'
    next exchange fails and ends the run (``training.card_lost``).
    """
    import torch
    from torch import distributed

    if not (torch.cuda.is_available() and distributed.is_initialized()):
        return  # gloo notices a closed connection by itself
    group = distributed.distributed_c10d._get_default_group()
    group._get_backend(torch.device("cuda")).abort()


def cards_together() -> int:
    """Return how many of PyTorch's cards train together."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cards = (torch.cuda.get_device_properties(number) for number in range(count))
    return how_many_together([(card.name, card.total_memory) for card in cards])


def device_of(ranks: Ranks) -> str:
    """Return where this rank computes, and make it PyTorch's choice too."""
    device = training_device()
    if device == "cpu":
        return device
    import torch

    torch.cuda.set_device(ranks.rank)
    return f"cuda:{ranks.rank}"
