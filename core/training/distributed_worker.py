"""A worker: the process of the second or a further card of one training.

It runs the same loop over the same run folder, but is silent and writes nothing there except its
own tables of tokens.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

from core.events import Event
from core.jobs.link import JobLink, Request
from core.jobs.spec import TrainParams, training_params
from core.project import RunFolder
from core.training.checkpoints.checkpoint import StepFolders
from core.training.distributed.ranks import MEETING_POINT, Ranks, join
from core.training.job import assemble_run
from core.training.loop import train_steps
from core.training.resumption import take_up


class SilentLink(JobLink):
    """A companion's link: it says nothing, and your requests reach the first process only."""

    def __enter__(self) -> JobLink:
        return self

    def __exit__(self, *_exit: object) -> None:
        """Nothing was opened."""

    def emit(self, event: Event) -> None:
        """The first process tells it."""

    def request(self) -> Request:
        """The first process obeys."""
        return Request.RUN


def main(folder: RunFolder, arguments: list[str]) -> int:
    """Be a worker: ``RANK COUNT cards|processors [DESCRIPTOR]``; return the exit code.

    The descriptor is of memory that is shared, see ``core.training.engine.offload.host_blocks``.
    """
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    rank, count = int(arguments[0]), int(arguments[1])
    cards = arguments[2] == "cards"
    ranks = join(rank, count, folder.root / MEETING_POINT, cards=cards)
    _use_shared_memory(arguments[3:])
    params = training_params(folder)
    with SilentLink(folder) as link, tempfile.TemporaryDirectory() as scratch:
        _train(folder, params, link, ranks, Path(scratch))
    return 0


def _use_shared_memory(descriptors: list[str]) -> None:
    from core.training.engine.offload import host_blocks

    for descriptor in descriptors:
        host_blocks.use_shared(int(descriptor))


def _end_with_the_first() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _train(
    folder: RunFolder, params: TrainParams, link: JobLink, ranks: Ranks, scratch: Path
) -> None:
    run = assemble_run(folder, params, link, ranks)
    take_up(run)
    run.checkpoints, run.best = StepFolders(scratch / "a"), StepFolders(scratch / "b")
    train_steps(run)
