"""The window's (or terminal's) end of a job: start the child, follow its events, say how it ended.

Plain Python; ``gui.jobs.job_thread`` wraps it in a QThread. Liveness is the child's OS lock, never
a process id, so a supervisor that was not the parent follows just as well.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psutil
from filelock import FileLock, Timeout

from core.contract import JobParams
from core.errors import UserFacingError
from core.events import Event, Failed, Finished, Started, from_line
from core.jobs.children import start_child
from core.jobs.exit_diagnosis import diagnose_exit
from core.jobs.insistence import Insistence, end_with_helpers
from core.jobs.link import ALREADY_RUNNING, BEFORE, Request, worker_of
from core.jobs.spec import training_params, write_spec
from core.language import _
from core.project import RunFolder
from core.storage.files import explained_io, overwrite_small, write_json
from core.storage.ordinary import OddFileError, open_to_append, open_to_read, require_ordinary

ALREADY_RUNNING_CODE = "job.already_running"
_POLL_SECONDS = 0.1
_BIRTH_SECONDS = 30.0
_ENDING_SECONDS = 5.0
_PIECE_BYTES = 65_536  # small, so that another thread's turn comes soon
_LONGEST_LINE = 8 << 20  # bytes; the longest event has the losses of some thousand examples
_HOPELESS_LINE = 64 << 20  # bytes


@dataclass
class EventTail:
    """Reads ``events.jsonl`` from where it left off; a half-written last line waits.

    ``unreadable`` counts the lines that were no known event, or too long for one; ``job`` is the
    kind of job that tells.
    """

    path: Path
    offset: int = 0
    unreadable: int = 0
    job: str = ""

    def new_events(self) -> list[Event]:
        """Return the events that were appended since the last call."""
        return list(self.read_new())

    def read_new(self) -> Iterator[Event]:
        """Yield the same one by one, without ever holding more than a piece of a long file."""
        try:
            with open_to_read(self.path) as stream:
                stream.seek(self.offset)
                for lines in _whole_lines(stream):
                    for line, size in lines:
                        self.offset += size
                        yield from self._parse(line)
        except (FileNotFoundError, OddFileError):
            return

    def _parse(self, line: bytes | None) -> Iterator[Event]:
        if line is None:
            self.unreadable += 1
            return
        event = from_line(line.decode("utf-8", "replace"), self.job)
        if isinstance(event, Started):
            self.job = event.job
        if event is not None:
            yield event
        elif line.strip():
            self.unreadable += 1


def _whole_lines(stream: BinaryIO) -> Iterator[list[tuple[bytes | None, int]]]:
    """Yield lists of lines without their ends, each with the bytes that it took.

    Only a line feed ends a line, never U+2028. One that is too long is ``None``, and never kept;
    of one that never seems to end (a hole of a terabyte takes no room) the middle is not read.
    """
    begun: list[bytes] = []
    size = 0
    while piece := stream.read(_PIECE_BYTES):
        first, *lines = piece.split(b"\n")
        size += len(first)
        if size > _HOPELESS_LINE and not lines:
            size += _skip_to_the_end(stream)
        if size <= _LONGEST_LINE:
            begun.append(first)
        else:
            begun.clear()
        if not lines:
            continue
        whole = None if size > _LONGEST_LINE else b"".join(begun)
        *between, last = lines
        yield [(whole, size + 1), *((line, len(line) + 1) for line in between)]
        begun, size = [last], len(last)
    if size > _LONGEST_LINE:  # its end is not to be waited for
        yield [(None, size)]


def _skip_to_the_end(stream: BinaryIO) -> int:
    """Go to where the newest events are; return how many bytes were passed over."""
    here = stream.tell()
    end = stream.seek(0, os.SEEK_END)
    there = stream.seek(max(here, end - _HOPELESS_LINE))
    return there - here


def read_events(folder: RunFolder) -> list[Event]:
    """Return every event of a run so far."""
    return EventTail(folder.events_file).new_events()


def is_alive(folder: RunFolder) -> bool:
    """Return whether a child works in ``folder`` now (its OS lock is held)."""
    if not folder.lock_file.exists():
        return False
    lock = FileLock(folder.lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def worker_command(folder: RunFolder) -> list[str]:
    """Return the command that starts the child; the frozen application starts itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", str(folder.root.absolute())]
    return [sys.executable, "-m", "core.jobs.worker", str(folder.root.absolute())]


def _not_started(program: str, error: OSError) -> UserFacingError:
    """Return what is told when the system cannot start the child."""
    if error.errno in (errno.ENOMEM, errno.EAGAIN):
        return UserFacingError(
            "job.no_room",
            _("The computer has no room to start another program."),
            _("Close other programs, then try again. Nothing is lost."),
            str(error),
        )
    return UserFacingError(
        "job.not_started",
        _("“{program}”, a part of this application, cannot be started.", program=program),
        _("Its files are gone or damaged. Install it again; your projects and runs are kept."),
        str(error),
    )


class Supervisor:
    """Starts or re-attaches to the job in one run folder."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self._tail = EventTail(folder.events_file)
        self._insistence = Insistence(folder)

    def start(self, params: JobParams[Any]) -> None:
        """Write the job into its new folder and start a child for it.

        Raises:
            UserFacingError: a child already works in this folder, or the disk refuses.
        """
        self._require_free()
        write_spec(self.folder, params)
        self._begin()

    def take_up(self) -> None:
        """Start the training that was made ready in this folder, or continue it.

        Raises:
            UserFacingError: as :meth:`start`; or the folder, which may come from elsewhere, holds
                another kind of job, or one that cannot be (code ``job.no_training``).
        """
        training_params(self.folder)
        self._require_free()
        self._begin()

    def _require_free(self) -> None:
        if is_alive(self.folder):
            raise UserFacingError(
                ALREADY_RUNNING_CODE,
                _("This job is already running."),
                _("Open the project again to follow it."),
            )
        with explained_io(self.folder.root):
            require_ordinary([self.folder.root])

    def _begin(self) -> None:
        self.ask(Request.RUN)
        self._tail = EventTail(self.folder.events_file, size_of(self.folder.events_file))
        self._child = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        before, command = worker_of(self.folder), worker_command(self.folder)
        with (
            explained_io(self.folder.log_file),
            os.fdopen(open_to_append(self.folder.log_file), "ab") as log,
        ):
            try:
                return start_child(command, stdout=log, stderr=log, environment={BEFORE: before})
            except OSError as error:
                raise _not_started(command[0], error) from error

    def attach(self) -> None:
        """Follow the run in this folder from its very first event, alive or ended."""
        self._tail = EventTail(self.folder.events_file)

    def ask(self, request: Request) -> None:
        """Ask the child to run, pause, stop and keep, or cancel.

        One that ignores a cancel is ended while it is followed.
        """
        self._insistence.cancel_asked(request is Request.CANCEL)
        try:
            write_json(self.folder.control_file, {"request": request.value}, durable=False)
        except UserFacingError as error:
            if error.code != "disk.full" or not self.folder.control_file.exists():
                raise
            overwrite_small(self.folder.control_file, f'{{"request": "{request.value}"}}')

    @property
    def is_foreign(self) -> bool:
        """Whether others started the child, if there is one."""
        return self._child is None

    def is_alive(self) -> bool:
        """Return whether the child works (also one that another window started)."""
        if self._child is not None:
            return self._child.poll() is None
        return is_alive(self.folder)

    def follow(self, stop: threading.Event | None = None) -> Iterator[Event]:
        """Yield events until the job ended or ``stop`` is set.

        The last event is always ``Finished`` or ``Failed``, unless ``stop`` was set: a child that
        died without a word gets a ``Failed`` that says what is known of its death.
        """
        stop = stop or threading.Event()
        ended: Event | None = None
        while not stop.is_set():
            self._follow_who_was_first()
            alive = self.is_alive()  # before reading: nothing is appended after a death
            for event in self._tail.read_new():
                ended = _ending(event, ended)
                yield event
            if not alive:
                if ended is None:
                    yield (
                        self._insistence.tell()
                        if self._insistence.ended
                        else self._exit_diagnosis()
                    )
                self._reap()
                return
            self._insistence.look()
            stop.wait(_POLL_SECONDS)

    def _follow_who_was_first(self) -> None:
        """Follow the child of another window where the own one found the job taken or done.

        A window that is killed leaves a child that takes its lock only half a second later; until
        then the next window sees nobody and starts one of its own.
        """
        if self._child is not None and self._child.poll() == ALREADY_RUNNING:
            self._child = None

    def _exit_diagnosis(self) -> Failed:
        code = self._child.poll() if self._child is not None else None
        return diagnose_exit(self.folder, code)

    def _reap(self) -> None:
        if self._child is not None:
            self._child.wait()

    def end(self, seconds: float = _ENDING_SECONDS) -> None:
        """Let an own child leave off: ask it, and end it if it has not obeyed after a while."""
        if self._child is None or self._child.poll() is not None:
            return
        with suppress(UserFacingError):
            self.ask(Request.CANCEL)
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            end_with_helpers(psutil.Process(self._child.pid))
            self._child.wait()

    def wait(self, seconds: float = _BIRTH_SECONDS) -> int | None:
        """Wait for an own child to end; return its exit code (``None`` for a foreign child)."""
        return self._child.wait(seconds) if self._child is not None else None


def _ending(event: Event, before: Event | None) -> Event | None:
    if isinstance(event, Started):
        return None  # a resumed run: what ended before does not count
    return event if isinstance(event, Finished | Failed) else before


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 while there is none."""
    return path.stat().st_size if path.exists() else 0
