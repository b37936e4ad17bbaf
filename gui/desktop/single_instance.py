"""One window for each user: a second start raises the first window and ends.

The meeting point is a local socket; nothing listens on a network. Its name is drawn at random and
noted in a file that only this user can read, together with a key. So nobody else can wait there
first, and a window that is asked to come to the front proves that it is the one: only it and this
user's file know the key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from core.errors import UserFacingError
from core.settings import application_folder
from core.storage.files import read_json, write_bytes

_WAIT_MS = 2000
_ANSWER_MS = 8000  # the other window may still be building itself
_TURN_SECONDS = 5.0
_NOTE = "window.json"
_NOTE_LIMIT = 4096  # bytes
_QUESTION_BYTES = 32
_ANSWER_BYTES = 32
_FILES_LIMIT = 1 << 20  # bytes of the names that a second start hands over


class _Meeting(BaseModel):
    """Where a window waits for second starts, and how it proves that it is one of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^homelab-tuner-[0-9a-f]{32}$")
    key: str = Field(pattern=r"^[0-9a-f]{64}$")

    def answer(self, question: bytes) -> bytes:
        """Return what only the window with this key says to a question."""
        return hmac.digest(bytes.fromhex(self.key), question, hashlib.sha256)

    def sealed(self, files: Sequence[Path]) -> bytes:
        """Return the names of files as only somebody with this key can write them."""
        names = orjson.dumps([str(path) for path in files])
        return self.answer(names) + names

    def unsealed(self, content: bytes) -> list[Path]:
        """Return the files that are named, none where the seal is not right."""
        seal, names = content[:_ANSWER_BYTES], content[_ANSWER_BYTES:]
        if not hmac.compare_digest(seal, self.answer(names)):
            return []
        return [Path(name) for name in orjson.loads(names)]


def raise_running_window(files: Sequence[Path] = ()) -> bool:
    """Ask a running window to come to the front; return whether one proved that it is there.

    Args:
        files: what it is to open; only a window that has proved itself is told.
    """
    try:
        meeting = _Meeting.model_validate(read_json(_note(), _NOTE_LIMIT))
    except (UserFacingError, ValidationError):
        return False
    socket = QLocalSocket()
    socket.connectToServer(meeting.name)
    if not socket.waitForConnected(_WAIT_MS):
        return False
    question = secrets.token_bytes(_QUESTION_BYTES)
    socket.write(question)
    socket.waitForBytesWritten(_WAIT_MS)
    answer = b""
    while len(answer) < _ANSWER_BYTES and socket.waitForReadyRead(_ANSWER_MS):
        answer += socket.read(_ANSWER_BYTES - len(answer)).data()
    is_ours = hmac.compare_digest(answer, meeting.answer(question))
    if is_ours and files:
        socket.write(meeting.sealed(files))
        socket.waitForBytesWritten(_WAIT_MS)
    socket.disconnectFromServer()
    return is_ours


def be_the_only_one(files: Sequence[Path] = ()) -> SingleInstance | None:
    """Listen for second starts, or give the files to the window that runs already: ``None``."""
    with _turn():
        return None if raise_running_window(files) else SingleInstance()


@contextmanager
def _turn() -> Iterator[None]:
    """One start after the other: between the look and the listening another would not be seen."""
    lock = FileLock(application_folder() / ".start.lock")
    with suppress(OSError):  # the folder takes no file, or another start hangs: continue anyway
        application_folder().mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_TURN_SECONDS)
    try:
        yield
    finally:
        lock.release()


class SingleInstance(QObject):
    """Listens for second starts.

    Attributes:
        wanted: the application was started again.
        opened: a list of files that it was started with.
    """

    wanted = Signal()
    opened = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._meeting = _Meeting(
            name=f"homelab-tuner-{secrets.token_hex(16)}", key=secrets.token_hex(32)
        )
        self._asking: dict[QLocalSocket, bytearray] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._meet)
        if self._server.listen(self._meeting.name):
            with suppress(UserFacingError, OSError):  # then a second start opens a second window
                _write_note(self._meeting)

    def is_listening(self) -> bool:
        """Return whether second starts will be noticed."""
        return self._server.isListening()

    def _meet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._asking[socket] = bytearray()
            socket.readyRead.connect(self._reply)
            socket.disconnected.connect(self._forget)
        self._reply()

    @Slot()
    def _reply(self) -> None:
        for socket, heard in self._asking.items():
            before = len(heard)
            heard.extend(socket.read(_FILES_LIMIT - before).data())
            if before < _QUESTION_BYTES <= len(heard):
                socket.write(self._meeting.answer(bytes(heard[:_QUESTION_BYTES])))
                socket.flush()
                self.wanted.emit()

    @Slot()
    def _forget(self) -> None:
        for socket in list(self._asking):
            if socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
                heard = bytes(self._asking.pop(socket))[_QUESTION_BYTES:]
                socket.deleteLater()
                if heard and (files := self._meeting.unsealed(heard)):
                    self.opened.emit(files)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
        for socket in self._asking:
            socket.disconnected.disconnect(self._forget)
        self._asking.clear()


def _write_note(meeting: _Meeting) -> None:
    write_bytes(_note(), meeting.model_dump_json().encode(), durable=False, private=True)


def _note() -> Path:
    return application_folder() / _NOTE
