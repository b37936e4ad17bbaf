"""Looks at something again and again, beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from core.errors import UserFacingError
from gui.jobs.task_thread import Tasks

Look = Callable[[], Any]


class Poller(QObject):
    """A look never begins before the one before it is over.

    Args:
        every_ms: from one look to the next.
        next_look: gives what to call in a thread, or ``None`` when there is nothing to look at; is
            called in the window's thread itself.
        seen: takes what a look returned, in the window's thread.
        failed: takes the error of a look; by default the next one may succeed.
    """

    def __init__(
        self,
        parent: QObject,
        every_ms: int,
        next_look: Callable[[], Look | None],
        seen: Callable[[Any], None],
        failed: Callable[[UserFacingError], None] = lambda _error: None,
    ) -> None:
        super().__init__(parent)
        self._next_look, self._seen, self._failed = next_look, seen, failed
        self._tasks = Tasks(self)
        self._timer = QTimer(self)
        self._timer.setInterval(every_ms)
        self._timer.timeout.connect(self.look_now)

    @property
    def is_active(self) -> bool:
        """Whether it looks without being asked."""
        return self._timer.isActive()

    def switch(self, *, on: bool) -> None:
        """Look at once and from now on, or no longer."""
        if on:
            self._timer.start()
            self.look_now()
        else:
            self._timer.stop()

    def look_now(self) -> None:
        """Look without waiting for the next turn."""
        look = self._next_look()
        if look is not None and not self._tasks.is_running("look"):
            self._tasks.start("look", look, self._seen, self._failed)

    def shut_down(self) -> None:
        """Stop looking, and wait for a look under way."""
        self._timer.stop()
        self._tasks.shut_down()
