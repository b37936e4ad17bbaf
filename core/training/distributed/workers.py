"""The processes for the second and further cards: started by the first one's, and ending with it.

What such a worker does is in ``core.training.distributed_worker``. It lives as long as the pipe
from the
first process is open, so that none is left over, however that one ends.
"""

from __future__ import annotations

import os
import subprocess
import threading

from core.jobs.supervisor import worker_command
from core.project import RunFolder
from core.storage.ordinary import open_to_append
from core.training.distributed.ranks import ALONE, MEETING_POINT, give_up_waiting, join

_ENDING_SECONDS = 20.0
_LOOK_SECONDS = 0.5


class DistributedWorkers:
    """Starts ``count - 1`` workers and joins them; a context manager that ends them.

    Attributes:
        ranks: this process among them.
    """

    def __init__(self, folder: RunFolder, count: int, *, cards: bool) -> None:
        self._folder, self._count, self._cards = folder, count, cards
        self._children: list[subprocess.Popen[bytes]] = []
        self._shared: int | None = None  # memory for weights that wait on the host
        self._ending = threading.Event()
        self.ranks = ALONE

    def __enter__(self) -> DistributedWorkers:
        if self._count > 1:
            point = self._folder.root / MEETING_POINT
            point.unlink(missing_ok=True)
            self._share_memory()
            self._children = [self._start(rank) for rank in range(1, self._count)]
            try:
                self.ranks = join(
                    0, self._count, point, cards=self._cards, is_lost=self._one_is_lost
                )
            except BaseException:
                self._end()
                raise
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def _watch(self) -> None:
        """Cards wait for each other inside a kernel that nothing but this would ever end.

        A worker that has done its part ends with 0, perhaps before the first has saved.
        """
        while not self._ending.wait(_LOOK_SECONDS):
            if any(child.poll() for child in self._children):
                give_up_waiting()
                return

    def _one_is_lost(self) -> bool:
        return any(child.poll() is not None for child in self._children)

    def _share_memory(self) -> None:
        from core.training.engine.offload import host_blocks

        self._shared = host_blocks.open_shared()
        host_blocks.use_shared(self._shared)

    def _start(self, rank: int) -> subprocess.Popen[bytes]:
        shared = [] if self._shared is None else [self._shared]
        command = [*worker_command(self._folder), str(rank), str(self._count)]
        command += ["cards" if self._cards else "processors", *map(str, shared)]
        with os.fdopen(open_to_append(self._folder.log_file), "ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=shared
            )

    def __exit__(self, *_exit: object) -> None:
        self._end()

    def _end(self) -> None:
        self._ending.set()
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

            from core.training.engine.offload import host_blocks

            host_blocks.use_shared(None)
            if distributed.is_initialized():
                distributed.destroy_process_group()
            (self._folder.root / MEETING_POINT).unlink(missing_ok=True)
        if self._shared is not None:
            os.close(self._shared)
