"""The child's end of a job: emit events, read what is asked of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from core.contract import JobResult
from core.errors import UserFacingError
from core.events import Event, Progress, StateChanged, to_line
from core.language import _
from core.project import RunFolder
from core.storage.files import read_json
from core.storage.ordinary import open_to_append, open_to_read, read_ordinary

_PAUSE_POLL_SECONDS = 0.2
_REQUEST_LIMIT = 4096  # bytes
_PID_BYTES = 20
ALREADY_RUNNING = 3
"""Exit code of a child that found another one working in its folder, or just gone from it."""
BEFORE = "HOMELAB_TUNER_WORKER_BEFORE"
"""Environment variable: :func:`worker_of` at the moment when a child was asked for."""


def worker_of(folder: RunFolder) -> str:
    """Return the number of the last process that worked in a run folder, ``""`` for none."""
    try:
        return read_ordinary(folder.pid_file, _PID_BYTES).decode("ascii").strip()
    except (OSError, ValueError):
        return ""


class Request(StrEnum):
    """What is asked of a running job; ``END`` is what the system asks at a log-out."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"
    END = "end"


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """The job was cancelled; nothing of it is kept."""


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """The job was asked to stop and keep; ``result`` is what the job gives nevertheless."""

    def __init__(self, result: JobResult | None = None) -> None:
        super().__init__("stopped by request")  # not shown: a request, not an error
        self.result = result


class Ended(Exception):  # noqa: N818 - a request, not an error
    """The system ended the job; what it needs to continue is saved."""


def read_request(control_file: Path) -> Request:
    """Return the current request; a missing or damaged file means to continue."""
    try:
        return Request(read_json(control_file, _REQUEST_LIMIT)["request"])
    except (UserFacingError, ValueError, KeyError, TypeError):
        return Request.RUN


class JobLink:
    """Appends events to the run folder and looks at its control file.

    Use as a context manager; ``emit`` may be called from several threads. A disk that takes no
    event now (full, or away for a moment) never ends the work: what it refused waits in memory and
    is written before the next event, in order.

    Args:
        hear: is given each event as well, in the thread that tells it.
    """

    def __init__(self, folder: RunFolder, hear: Callable[[Event], None] | None = None) -> None:
        self.folder = folder
        self._hear = hear
        self._began = time.monotonic()
        self._descriptor = -1
        self._unwritten = b""
        self._writing = threading.Lock()
        self._to_end = False
        self._parts = self._part = 0
        self._phase = ""

    def __enter__(self) -> JobLink:
        self._descriptor = open_to_append(self.folder.events_file)
        self._end_torn_line()
        self._write_out()
        return self

    def __exit__(self, *_exit: object) -> None:
        with self._writing:
            self._write_out()
        os.close(self._descriptor)

    def _end_torn_line(self) -> None:
        """A child killed in the middle of a line must not spoil the next line."""
        content_size = self.folder.events_file.stat().st_size
        if content_size:
            with open_to_read(self.folder.events_file) as stream:
                stream.seek(content_size - 1)
                if stream.read(1) != b"\n":
                    self._unwritten = b"\n"

    def emit(self, event: Event) -> None:
        """Append one event, stamped with the time since this child began."""
        stamped = event.model_copy(update={"at": round(time.monotonic() - self._began, 3)})
        with self._writing:
            self._unwritten += to_line(stamped).encode("utf-8")
            self._write_out()
        if self._hear is not None:
            self._hear(stamped)

    def _write_out(self) -> None:
        """A full disk may take a part of a line; the rest follows as soon as there is room."""
        try:
            while self._unwritten:
                done = os.write(self._descriptor, self._unwritten)
                self._unwritten = self._unwritten[done:]
        except OSError:
            return

    def progress(self, phase: str, done: int = 0, total: int = 0, unit: str = "") -> None:
        """Tell how far a phase is, and give a cancel request the chance to take effect.

        Raises:
            Cancelled: this was asked for.
        """
        if self._parts:
            self._part += phase != self._phase
            self._phase = phase
            phase = _(
                "Part {part} of {parts}: {phase}", part=self._part, parts=self._parts, phase=phase
            )
        self.emit(
            Progress(
                phase=phase, done=done, total=total, unit=unit, part=self._part, parts=self._parts
            )
        )
        self.check_cancelled()

    def in_parts(self, parts: int) -> None:
        """Tell with each phase from now on which of so many it is."""
        self._parts = parts

    @contextmanager
    def may_save_at_the_end(self) -> Iterator[None]:
        """In this block SIGTERM (log-out, shutdown) is a request and not the end at once.

        For the main thread. The system kills what is left after a while, often 90 seconds.
        """

        def remember(_number: int, _frame: object) -> None:
            self._to_end = True

        before = signal.signal(signal.SIGTERM, remember)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def request(self) -> Request:
        """Return what is asked for now; your stop or cancel precedes the system's end."""
        asked = read_request(self.folder.control_file)
        if self._to_end and asked in (Request.RUN, Request.PAUSE):
            return Request.END
        return asked

    def check_cancelled(self) -> None:
        """Raise :class:`Cancelled` if this was asked for."""
        if self.request() is Request.CANCEL:
            raise Cancelled

    def wait_while_paused(self, reason: str) -> Request:
        """Return the request; while it is ``pause``, say so once and wait."""
        request = self.request()
        if request is not Request.PAUSE:
            return request
        self.emit(StateChanged(state="paused", reason=reason))
        while request is Request.PAUSE:
            time.sleep(_PAUSE_POLL_SECONDS)
            request = self.request()
        self.emit(StateChanged(state="running"))
        return request
