"""The processes for the second and further cards: started by the first one's, and ending with it.

A companion runs the same loop over the same run folder, but is silent and writes nothing there. It
lives as long as the pipe from the first process is open, so that none is left over, however that
one ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from core.files import read_json
from core.jobs.events import Event
from core.jobs.link import JobLink, Request
from core.jobs.supervisor import worker_command
from core.project import RunFolder
from core.training.ranks import ALONE, Ranks, join

_ENDING_SECONDS = 20.0
_MEETING_POINT = "cards"


class Companions:
    """Starts ``count - 1`` companions and joins them; a context manager that ends them.

    Attributes:
        ranks: this process among them.
    """

    def __init__(self, folder: RunFolder, count: int, *, cards: bool) -> None:
        self._folder, self._count, self._cards = folder, count, cards
        self._children: list[subprocess.Popen[bytes]] = []
        self._shared: int | None = None  # memory for weights that wait on the host
        self.ranks = ALONE

    def __enter__(self) -> Companions:
        if self._count > 1:
            point = self._folder.root / _MEETING_POINT
            point.unlink(missing_ok=True)
            self._share_memory()
            self._children = [self._start(rank) for rank in range(1, self._count)]
            self.ranks = join(0, self._count, point, cards=self._cards)
        return self

    def _share_memory(self) -> None:
        from core.training.engine import host_blocks

        self._shared = host_blocks.open_shared()
        host_blocks.use_shared(self._shared)

    def _start(self, rank: int) -> subprocess.Popen[bytes]:
        shared = [] if self._shared is None else [self._shared]
        command = [*worker_command(self._folder), str(rank), str(self._count)]
        command += ["cards" if self._cards else "processors", *map(str, shared)]
        with self._folder.log_file.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=shared
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children:
            assert child.stdin is not None
            child.stdin.close()
        for child in self._children:
            try:
                child.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._children:
            from torch import distributed

            from core.training.engine import host_blocks

            host_blocks.use_shared(None)
            distributed.destroy_process_group()
            (self._folder.root / _MEETING_POINT).unlink(missing_ok=True)
        if self._shared is not None:
            os.close(self._shared)


class SilentLink(JobLink):
    """A companion's link: it says nothing, and the person speaks to the first process only."""

    def __enter__(self) -> JobLink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was opened."""

    def emit(self, event: Event) -> None:
        """The first process tells it."""

    def request(self) -> Request:
        """The first process obeys."""
        return Request.RUN


def main(folder: RunFolder, arguments: list[str]) -> int:
    """Be a companion: ``RANK COUNT cards|processors [DESCRIPTOR]``; return the exit code.

    The descriptor is of memory that is shared, see ``core.training.engine.host_blocks``.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # at a log-out the first one has yet to save
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    rank, count = int(arguments[0]), int(arguments[1])
    cards = arguments[2] == "cards"
    ranks = join(rank, count, folder.root / _MEETING_POINT, cards=cards)
    _use_shared_memory(arguments[3:])
    params = read_json(folder.job_file)["params"]
    with SilentLink(folder) as link, tempfile.TemporaryDirectory() as scratch:
        _train(folder, params, link, ranks, Path(scratch))
    return 0


def _use_shared_memory(descriptors: list[str]) -> None:
    from core.training.engine import host_blocks

    for descriptor in descriptors:
        host_blocks.use_shared(int(descriptor))


def _end_with_the_first() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _train(
    folder: RunFolder, params: dict[str, Any], link: JobLink, ranks: Ranks, scratch: Path
) -> None:
    from core.training.checkpoint import StepFolders
    from core.training.job import prepare_run
    from core.training.loop import train
    from core.training.resumption import take_up

    run = prepare_run(folder, params, link, ranks)
    take_up(run)
    run.checkpoints, run.best = StepFolders(scratch / "a"), StepFolders(scratch / "b")
    train(run)
