"""Notices that a card can no longer be read: then nothing protects it from heat."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.events import Notice
from core.language import _

_BLIND_SECONDS = 10.0
_SILENT_SECONDS = 30.0  # a driver may need some seconds for an answer


class SensorWatchdog:
    """Says once when a card cannot be read any more, and once when it can again.

    May be asked from any thread: a round of readings that hangs in the driver cannot say so itself.

    Args:
        clock: seconds of a monotonic clock, which begins to count now.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._round_at = self._seen_at = clock()
        self._is_told = False
        self._lock = threading.Lock()

    def restart(self) -> None:
        """Count from now: the readings begin."""
        self._round_at = self._seen_at = self._clock()

    def note_round(self, *, seen: bool) -> None:
        """Take note that a round of readings ended; ``seen``: it knows every temperature."""
        with self._lock:
            self._round_at = self._clock()
            if seen:
                self._seen_at = self._round_at

    def look(self) -> Notice | None:
        """Return what is to be said now."""
        with self._lock:
            notice = self._judge()
            if (notice is not None) is self._is_told:
                return None
            self._is_told = not self._is_told
            return notice or _readable()

    def _judge(self) -> Notice | None:
        if self._clock() - self._round_at >= _SILENT_SECONDS:
            return _silent()
        return _unreadable() if self._round_at - self._seen_at >= _BLIND_SECONDS else None


def _unreadable() -> Notice:
    return Notice(
        level="warning",
        code="card.unreadable",
        text=_(
            "The card's temperature is not available. The run continues without heat protection."
        ),
        todo=_("Check the card's airflow, and restart the computer after this run."),
    )


def _silent() -> Notice:
    return Notice(
        level="warning",
        code="card.silent",
        text=_("The card's driver does not respond. The run continues without heat protection."),
        todo=_("If the steps have stopped too, restart the computer, then press Resume."),
    )


def _readable() -> Notice:
    text = _("The card can be read again. Heat protection is back.")
    return Notice(level="good", code="card.readable", text=text)
