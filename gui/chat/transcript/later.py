"""Long work of the window's thread in short turns, so that the window stays awake meanwhile."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

Work = Callable[[], bool]
"""Does a little, and returns whether more is left."""

_TURN_SECONDS = 0.02


class Later(QObject):
    """Works off what was put in, in order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._queue: deque[Work] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def add(self, work: Work) -> None:
        """Do this when everything before it is done."""
        self._queue.append(work)
        self._timer.start()

    def forget(self) -> None:
        """Do nothing of it any more."""
        self._queue.clear()
        self._timer.stop()

    def _turn(self) -> None:
        until = time.monotonic() + _TURN_SECONDS
        while self._queue and time.monotonic() < until:
            work = self._queue[0]
            if not work() and self._queue and self._queue[0] is work:
                self._queue.popleft()
        if not self._queue:
            self._timer.stop()
