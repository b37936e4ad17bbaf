"""The last lines that the application has logged, for a report to those who can help."""

from __future__ import annotations

import logging
from collections import deque

_KEPT = 400
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class RecentLog(logging.Handler):
    """Keeps lines in memory; nothing is written and nothing is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self.setFormatter(logging.Formatter(_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self._lines.append(self.format(record))

    def lines(self) -> list[str]:
        """Return what is kept, oldest first."""
        return list(self._lines)


recent_log = RecentLog()


def keep_log() -> None:
    """Begin to keep what is logged."""
    root = logging.getLogger()
    if recent_log not in root.handlers:
        root.addHandler(recent_log)
    if root.level > logging.INFO or root.level == logging.NOTSET:
        root.setLevel(logging.INFO)
