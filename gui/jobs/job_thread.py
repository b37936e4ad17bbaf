"""Follow a job without blocking the window: the supervisor in a thread, its events as signals."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from core.contract import JobParams
from core.errors import UserFacingError
from core.events import Failed, Finished
from core.jobs.link import Request
from core.jobs.supervisor import ALREADY_RUNNING_CODE, Supervisor
from core.language import _
from core.project import RunFolder

_STOP_WAIT_MS = 10_000
_BURST_SECONDS = 0.015  # a long history is handed over in bursts, between which the window lives
_BREATH_MS = 5
_MOST_WAITING = 2000  # events; more would be a heap for the garbage collector to go through


class JobThread(QThread):
    """Starts a job in ``folder``, or follows the one that is there.

    The job lives in a child process: dropping this thread leaves the job running.

    Attributes:
        event: one :mod:`core.events` object, in order, from the job's first.
        ended: the last of them, ``Finished`` or ``Failed``; nothing comes after it.
    """

    event = Signal(object)  # type: ignore[assignment]  # QThread's own method is Qt's business
    ended = Signal(object)
    _arrived = Signal()

    def __init__(
        self,
        folder: RunFolder,
        params: JobParams[Any] | None = None,
        parent: QObject | None = None,
        *,
        take_up: bool = False,
    ) -> None:
        """Take the job.

        Args:
            params: what a new job is to do; without any, the one in ``folder`` is followed.
            take_up: start the training that is ready in ``folder``, or continue it.
        """
        super().__init__(parent)
        self.folder = folder
        self._params = params
        self._take_up = take_up
        self._supervisor = Supervisor(folder)
        self._let_go = threading.Event()
        self._waiting: deque[object] = deque()
        self._last: object = None
        self._all_read = False
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(_BREATH_MS)
        self._breath.timeout.connect(self._hand_over)
        self._arrived.connect(self._hand_over_soon)
        self.finished.connect(self._hand_over_soon)

    def run(self) -> None:
        """Follow the job until it ends or :meth:`let_go` is called."""
        try:
            self._begin()
            for event in self._supervisor.follow(self._let_go):
                self._put(event)
        except UserFacingError as error:
            self._put(
                Failed(code=error.code, what=error.what, todo=error.todo, details=error.details)
            )
        except Exception:
            self._put(_bug(traceback.format_exc()))
        self._all_read = True

    def _begin(self) -> None:
        if self._params is not None:
            self._supervisor.start(self._params)
        elif self._take_up:
            self._take_up_or_follow()
        else:
            self._supervisor.attach()

    def _take_up_or_follow(self) -> None:
        """Follow whoever has just taken the job up elsewhere, instead of failing."""
        try:
            self._supervisor.take_up()
        except UserFacingError as error:
            if error.code != ALREADY_RUNNING_CODE:
                raise
            self._supervisor.attach()

    def _put(self, event: object) -> None:
        if len(self._waiting) >= _MOST_WAITING:  # the window comes first
            while len(self._waiting) > _MOST_WAITING // 2 and not self._let_go.is_set():
                self._let_go.wait(_BREATH_MS / 1000)
        self._waiting.append(event)
        if len(self._waiting) == 1:
            self._arrived.emit()

    @Slot()
    def _hand_over_soon(self) -> None:
        if not self._breath.isActive() and not self._let_go.is_set():
            self._breath.start()

    @Slot()
    def _hand_over(self) -> None:
        """Emit what arrived, in the window's thread, for a moment at a time."""
        until = time.monotonic() + _BURST_SECONDS
        while self._waiting and not self._let_go.is_set():
            self._last = self._waiting.popleft()
            self.event.emit(self._last)
            if time.monotonic() > until:
                break
        if self._let_go.is_set():
            return
        if self._waiting:
            self._breath.start()
        elif self._all_read and isinstance(self._last, Finished | Failed):
            last, self._last = self._last, None
            self.ended.emit(last)

    def ask(self, request: Request) -> None:
        """Ask the job to pause, resume, stop and keep, or cancel."""
        self._supervisor.ask(request)

    def let_go(self) -> None:
        """Stop following; the job itself continues. Returns when the thread has ended."""
        self._let_go.set()
        self._breath.stop()
        if not self.wait(_STOP_WAIT_MS):
            raise RuntimeError(f"the thread that follows {self.folder.name} does not end")


def _bug(details: str) -> Failed:
    return Failed(
        code="window.cannot_follow",
        what=_("The window lost track of this job because of a bug in the application."),
        todo=_("Restart the application. The job itself continues."),
        details=details,
    )
