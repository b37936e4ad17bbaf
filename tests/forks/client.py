"""What the tests call in the place of ``subprocess.Popen``."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

_ROOT = Path(__file__).resolve().parents[2]
_ROOM = "-" * 4096  # for the commands of children
# Read when they are used, or by no child at all. Any other may have been read while something was
# imported: a child for which it differs is started in the usual way.
_READ_WHEN_USED = (
    "HOMELAB_TUNER_", "PYTEST_", "PYSIDE6_", "TORCHINDUCTOR_", "HF_ENDPOINT", "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A child that is to run ``python -m module arguments``."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    session: bool


class ForkedChild:
    """What the product uses of ``subprocess.Popen``, for a process that another one forked."""

    def __init__(self, connection: socket.socket, command: Sequence[str]) -> None:
        self.args = command
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self._connection = connection
        weakref.finalize(self, connection.close)
        self.pid = int(self._heard(0) or b"0")
        if not self.pid:
            raise RuntimeError("the process that forks children has died")

    def _heard(self, flags: int) -> bytes:
        with suppress(ConnectionError):
            return self._connection.recv(32, flags)
        return b""

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; ``None`` while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            looking = select.poll()
            looking.register(self._connection, select.POLLIN)
            if looking.poll(None if timeout is None else timeout * 1000):
                # It stays there to be read by other threads. Nothing: the forking process died.
                self.returncode = int(self._heard(socket.MSG_PEEK) or -signal.SIGKILL)
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Forks:
    """Forks children through the process that listens at ``address``.

    That process has imported everything in ``environment``.
    """

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        self.address = address
        self._environment = read_at_import(environment)

    def popen(self, command: Sequence[str], **options: Any) -> Any:
        """Fork a child for ``python -m MODULE …``; any other is started in the usual way."""
        here = list(command[:2]) == [sys.executable, "-m"]
        if not here or read_at_import(options["env"]) != self._environment:
            return subprocess.Popen(command, **options)
        module, *arguments = command[2:]
        request = Request(
            module, arguments, options["env"], options["cwd"], options["start_new_session"]
        )
        own, theirs = _streams(options)
        with ExitStack() as given:
            for stream in theirs:
                given.callback(os.close, stream)
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            connection.connect(self.address)
            socket.send_fds(connection, [json.dumps(asdict(request)).encode()], theirs)
            child = ForkedChild(connection, command)
        child.stdin = None if own[0] is None else os.fdopen(own[0], "wb")
        child.stdout = None if own[1] is None else os.fdopen(own[1], "rb")
        return child


def read_at_import(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what may have been read while something was imported."""
    return {k: v for k, v in environment.items() if not k.startswith(_READ_WHEN_USED)}


def _streams(options: Mapping[str, Any]) -> tuple[list[int | None], list[int]]:
    """Return the own ends of pipes, and what the child gets as input, output and error stream."""
    own, theirs = [], []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        wanted = options[name]
        mine = None
        if wanted == subprocess.PIPE:
            ends = os.pipe()
            mine, stream = ends[::-1] if number == 0 else ends
        elif wanted == subprocess.DEVNULL:
            stream = os.open(os.devnull, os.O_RDWR)
        else:
            stream = os.dup(wanted.fileno())
        own.append(mine)
        theirs.append(stream)
    return own, theirs


class ForkServer:
    """The process that forks; started when the first child is wanted."""

    def __init__(self) -> None:
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")
        self._process: subprocess.Popen[bytes] | None = None
        self._forks = Forks(str(Path(self._folder.name, "listener")), self._environment)

    @property
    def pid(self) -> int | None:
        """Its number, once it was started."""
        return None if self._process is None else self._process.pid

    def popen(self, command: Sequence[str], **options: Any) -> Any:
        """See :meth:`Forks.popen`."""
        if self._process is None:
            self._start()
        return self._forks.popen(command, **options)

    def _start(self) -> None:
        address = self._forks.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(address)
            listener.listen(64)
            number = listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks.server", str(number), address, _ROOM],
                stdin=subprocess.PIPE,
                pass_fds=[number],
                env=self._environment,
                cwd=_ROOT,
                start_new_session=True,
            )

    def close(self) -> None:
        """End it; children that still run go on."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
        self._folder.cleanup()
