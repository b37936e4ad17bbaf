"""Starts and ends the local server, beside the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import UserFacingError
from core.project import Project
from core.serving.messages import LoadFailed, Ready, Status
from gui.jobs.task_thread import Tasks

if TYPE_CHECKING:
    from core.actions.serving import Serving, ServingOffer

_LOOK_MS = 500

State = Literal["off", "starting", "on", "ending"]


class ServerControl(QObject):
    """One server at most; it runs until it is ended, whatever page is shown.

    Attributes:
        changed: the state, or what is known of the model.
        failed: a ``UserFacingError``.
        state: ``off``, ``starting``, ``on`` or ``ending``.
        offer: what would answer, and what it takes; ``None`` while that is not known.
        serving: the server while it is on.
        memory: bytes that the loaded model takes, 0 while none is loaded.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)
        self._told: SimpleQueue[Status] = SimpleQueue()
        self.state: State = "off"
        self.offer: ServingOffer | None = None
        self.serving: Serving | None = None
        self.memory = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def examine(self, project: Project, runs: Sequence[str]) -> None:
        """Find out what these fine-tunes would take."""
        if self.state != "off":
            return

        def work() -> ServingOffer:
            from core.actions.serving import look_at_serving

            return look_at_serving(project, runs)

        self._tasks.start("examine", work, self._examined, lambda _error: self._examined(None))

    def _examined(self, offer: ServingOffer | None) -> None:
        self.offer = offer
        self.changed.emit()

    def start(self, project: Project, runs: Sequence[str]) -> None:
        """Begin to answer."""
        if self.state != "off":
            return

        def work() -> Serving:
            from core.actions.serving import look_at_serving, serve

            offer = look_at_serving(project, runs)
            return serve(offer, told=self._told.put)

        self._become("starting")
        self._tasks.start("start", work, self._started, self._refused)

    def _started(self, serving: Serving) -> None:
        self.serving, self.offer, self.memory = serving, serving.offer, 0
        self._timer.start()
        self._become("on")

    def _refused(self, error: UserFacingError) -> None:
        self._become("off")
        self.failed.emit(error)

    def end(self) -> None:
        """Answer no more."""
        serving = self.serving
        if serving is None:
            return
        self._become("ending")
        self._tasks.start("end", serving.close, lambda _none: self._ended(), self._refused)

    def _ended(self) -> None:
        self._timer.stop()
        self.serving, self.memory = None, 0
        self._become("off")

    def _become(self, state: State) -> None:
        self.state = state
        self.changed.emit()

    def look(self) -> None:
        """Take what the model told."""
        before = self.memory
        while True:
            try:
                status = self._told.get_nowait()
            except Empty:
                break
            if isinstance(status, LoadFailed):
                self.memory = 0
                self.failed.emit(
                    UserFacingError(status.code, status.what, status.todo, status.details)
                )
            else:
                self.memory = status.memory if isinstance(status, Ready) else 0
        if self.memory != before:
            self.changed.emit()

    def shut_down(self) -> None:
        """End the server and wait for it."""
        self._timer.stop()
        self._tasks.shut_down()
        if self.serving is not None:
            self.serving.close()
            self.serving = None
