"""One window for each user: a second start raises the first window and ends.

The meeting point is a local socket that only this user can reach; nothing listens on a network.
"""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.settings import application_folder

_WAIT_MS = 500
_TURN_SECONDS = 5.0
_RAISE = b"raise"


def instance_name() -> str:
    """Return a name for this user and this data folder."""
    text = f"{getpass.getuser()}\n{application_folder()}"
    return "homelab-tuner-" + hashlib.sha256(text.encode()).hexdigest()[:16]


def raise_running_window(name: str) -> bool:
    """Ask a running window to come to the front; return whether there is one."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(_RAISE)
    socket.waitForBytesWritten(_WAIT_MS)
    socket.disconnectFromServer()
    return True


def be_the_only_one(name: str) -> SingleInstance | None:
    """Listen for second starts, or raise the window that runs already and return ``None``."""
    with _turn():
        return None if raise_running_window(name) else SingleInstance(name)


@contextmanager
def _turn() -> Iterator[None]:
    """One start after the other: between the look and the listening another would not be seen."""
    lock = FileLock(application_folder() / ".start.lock")
    with suppress(OSError):  # the folder takes no file, or another start hangs: go on all the same
        application_folder().mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_TURN_SECONDS)
    try:
        yield
    finally:
        lock.release()


class SingleInstance(QObject):
    """Listens for second starts.

    Attributes:
        wanted: somebody started the application again.
    """

    wanted = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._meet)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left by a window that was killed
            self._server.listen(name)

    def is_listening(self) -> bool:
        """Return whether second starts will be noticed."""
        return self._server.isListening()

    def _meet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.wanted.emit()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
