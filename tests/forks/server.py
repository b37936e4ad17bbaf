"""The process that forks: ``python -m tests.forks.server LISTENER ADDRESS ROOM``.

It only imports. Nothing that starts a thread may run in it: a fork would have none of them. It ends
when its input ends.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import core
from core.jobs import children, worker
from tests import disk
from tests.forks.client import Forks, Request

LIBRARIES = (
    "torch", "torch._dynamo", "torch.distributed.tensor", "transformers",
    "transformers.activations", "transformers.models.llama.modeling_llama",
    "transformers.quantizers.auto", "peft", "peft.tuners.lora", "bitsandbytes", "datasets",
    "pandas", "pyarrow.dataset",
)  # fmt: skip
_HARMLESS_THREADS = {"jemalloc_bg_thd"}  # of pyarrow's allocator, which does without in a fork
_MOST_BYTES = 1 << 18  # of a request


@dataclass
class Asked:
    """A request, the three standard streams that came with it, and where to tell of the child."""

    request: Request
    streams: list[int]
    connection: socket.socket

    @classmethod
    def accept(cls, listener: socket.socket) -> Asked:
        """Take the next one."""
        connection, _address = listener.accept()
        message, streams, _flags, _address = socket.recv_fds(connection, _MOST_BYTES, 3)
        return cls(Request(**json.loads(message)), streams, connection)

    def tell(self, number: int) -> None:
        """Send the child's number, later its exit code."""
        with suppress(OSError):  # nobody waits for it any more
            self.connection.send(str(number).encode())

    def close_streams(self) -> None:
        """Leave the streams to the child."""
        while self.streams:
            os.close(self.streams.pop())


class Server:
    """Forks a child for each request until its input ends."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._alive: dict[int, tuple[int, Asked]] = {}  # by the file that tells of a child's end
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._selector.register(listener, selectors.EVENT_READ)

    def serve(self) -> Asked | None:
        """Return in each child what it was asked for, and ``None`` at the end."""
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is sys.stdin:
                    return None
                if key.fd in self._alive:
                    self._tell_end(key.fd)
                elif (asked := self._fork()) is not None:
                    return asked

    def _fork(self) -> Asked | None:
        asked = Asked.accept(self._listener)
        child = os.fork()
        if child == 0:
            return asked
        asked.close_streams()
        asked.tell(child)
        ended = os.pidfd_open(child)
        self._alive[ended] = child, asked
        self._selector.register(ended, selectors.EVENT_READ)
        return None

    def _tell_end(self, ended: int) -> None:
        self._selector.unregister(ended)
        os.close(ended)
        child, asked = self._alive.pop(ended)
        asked.tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        asked.connection.close()

    def close(self) -> None:
        """Close what a child has no use for."""
        self._selector.close()
        self._listener.close()
        for ended, (_child, asked) in self._alive.items():
            os.close(ended)
            asked.connection.close()


def load() -> None:
    """Import what children may need."""
    worker.quiet_environment()
    os.fsync = disk.fsync
    for name in LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(core.__path__, "core."):
        with suppress(ImportError):  # of what is there beside a graphics card only
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page
    threads = {task.read_text().strip() for task in Path("/proc/self/task").glob("*/comm")}
    assert len(threads - _HARMLESS_THREADS) == 1, f"an import has started a thread: {threads}"


def take_name(command: list[str]) -> None:
    """Write a command over the one with which this process was started, as the system tells it."""
    begin, end = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[45:47]
    name = b"\0".join(map(os.fsencode, command))[: int(end) - int(begin) - 1]
    ctypes.memset(int(begin), 0, int(end) - int(begin))
    ctypes.memmove(int(begin), name, len(name))


def become(asked: Asked) -> None:
    """Take on all that a process which is started in the usual way would have been given."""
    if asked.request.session:
        os.setsid()
    for number, stream in enumerate(asked.streams):
        os.dup2(stream, number)
    asked.close_streams()
    asked.connection.close()
    os.environ.clear()
    os.environ.update(asked.request.environment)
    os.chdir(asked.request.folder)
    sys.argv[1:] = asked.request.arguments
    take_name([sys.executable, "-m", asked.request.module, *asked.request.arguments])
    np.random.seed()


def run(module: str) -> int:
    """Run a module as ``python -m`` does; return the exit code.

    Python's own end would take everything apart that was loaded, which takes half a second.
    """
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main(listener: str, address: str, _room_for_names: str) -> None:
    """Load, then serve; a child runs what it was asked for."""
    forks = Forks(address, os.environ)
    load()
    server = Server(socket.socket(fileno=int(listener)))
    asked = server.serve()
    server.close()
    if asked is not None:
        become(asked)
        children.popen = forks.popen
        os._exit(run(asked.request.module))


if __name__ == "__main__":
    main(*sys.argv[1:])
