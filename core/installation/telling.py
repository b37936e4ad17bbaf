"""What a job tells while it fetches files, and how it hears that it is to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.contract import JobResult
from core.events import Notice, Transfer
from core.installation.lock import RemoteFile
from core.jobs.link import JobLink, Request, Stopped
from core.models.hub.download import Speed

_TELL_SECONDS = 0.5
_HEAR_SECONDS = 0.2


@dataclass(slots=True)
class Telling:
    """The answers to :class:`core.installation.fetching.Fetching`.

    Attributes:
        files: all that is fetched.
        on_disk: bytes of a file that have arrived.
        stopped: what the job gives when it is stopped.
        code: of the notice that says why it waits.
    """

    link: JobLink
    files: Sequence[RemoteFile]
    stopped: Callable[[], JobResult]
    code: str
    on_disk: Callable[[RemoteFile], int] = lambda _file: 0
    _speed: Speed = field(default_factory=Speed)
    _told: float = 0.0
    _heard: float = 0.0

    def watch(self, file: RemoteFile, done: int) -> None:
        """Tell how much of all files has arrived; raises to stop."""
        now = self.listen()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        whole = done + sum(self.on_disk(other) for other in self.files if other != file)
        total = sum(other.size for other in self.files)
        self._speed.note(now, whole)
        left = self._speed.left(total - whole)
        self.link.emit(
            Transfer(
                file=file.file, done=whole, total=total, rate=self._speed.rate, seconds_left=left
            )
        )

    def check(self, file: RemoteFile, done: int) -> None:
        """Tell how much of a file was verified; raises to stop."""
        now = self.listen()
        self._speed.forget()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            self.link.emit(Transfer(phase="checking", file=file.file, done=done, total=file.size))

    def wait(self, seconds: float) -> None:
        """Sleep between two tries; raises to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.obey()
            time.sleep(min(left, _HEAR_SECONDS))

    def say(self, text: str) -> None:
        """Tell why it waits."""
        self.link.emit(Notice(level="warning", code=self.code, text=text))

    def obey(self) -> None:
        """Do what was asked for.

        Raises:
            Stopped: you paused or stopped it.
            Cancelled: you cancelled it.
        """
        if self.link.request() in (Request.PAUSE, Request.STOP):
            raise Stopped(self.stopped())
        self.link.check_cancelled()

    def listen(self) -> float:
        """Hear now and then whether it is to stop; return the time."""
        now = time.monotonic()
        if now - self._heard >= _HEAR_SECONDS:
            self._heard = now
            self.obey()
        return now
