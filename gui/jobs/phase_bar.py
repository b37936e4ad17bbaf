"""A bar for work in phases: with counts where they are known, else with the time that passed."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from core.language import _
from core.wording import duration

_BUSY_SECONDS = 5.0  # a bar that only moves to and fro says nothing for longer than this
_TICK_MS = 500
_USUAL_SECONDS = 30.0
_PARTS = 1000
_last_time: dict[str, float] = {}  # seconds that a phase took in this session of the window


class PhaseBar(QProgressBar):
    """Moves to and fro for five seconds at most; then it fills by what the phase took last time.

    It never runs backwards within a phase and is full only when the phase is over; where the phase
    is one of several parts, only when all of them are.

    Attributes:
        passed: how long the phase has taken so far, in words; ``""`` where counts say more.
    """

    passed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Progress"))
        self._phase = ""
        self._since = 0.0
        self._counted = False
        self._before, self._parts = 0, 1  # parts that are done, and how many there are
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def in_part(self, part: int, parts: int) -> None:
        """Fill one of so many parts from now on; 0 parts: the phase fills the bar alone."""
        self._before, self._parts = max(0, part - 1), max(1, parts)

    def _fill(self, done: int, total: int) -> None:
        """Show how far the phase is, behind the parts before it."""
        if self._parts > 1:
            done, total = _PARTS * self._before + _PARTS * done // total, _PARTS * self._parts
        self.setRange(0, total)
        self.setValue(min(done, total))

    def begin(self, phase: str) -> None:
        """Show that this phase is under way; the same one again continues."""
        if phase == self._phase:
            return
        self._finish()
        self._phase, self._since, self._counted = phase, time.monotonic(), False
        if self._before:
            self._fill(0, 1)
        else:
            self.setRange(0, 0)
        self.passed.emit("")
        if self.isVisible():
            self._timer.start()

    def show_counts(self, phase: str, done: int, total: int) -> None:
        """Show how far the phase is."""
        if phase != self._phase:
            self._finish()
            self._phase, self._since = phase, time.monotonic()
        self._timer.stop()
        self._counted = True
        self._fill(min(done, total), total)
        self.passed.emit("")

    def end(self) -> None:
        """No phase is under way."""
        self._finish()
        self._phase = ""

    def _finish(self) -> None:
        self._timer.stop()
        if self._phase:
            _last_time[self._phase] = time.monotonic() - self._since

    def _tick(self) -> None:
        seconds = time.monotonic() - self._since
        if seconds < _BUSY_SECONDS:
            return
        before = _last_time.get(self._phase)
        usual = max(_BUSY_SECONDS, before or _USUAL_SECONDS)
        self._fill(round(_PARTS * (1 - math.exp(-2 * seconds / usual))), _PARTS)
        text = _("{time} so far", time=duration(seconds))
        if before and before > seconds:  # later it would only say that this time takes longer
            text = _(
                "{time} so far; earlier it took {before}",
                time=duration(seconds),
                before=duration(before),
            )
        self.passed.emit(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Resume counting."""
        super().showEvent(event)
        if self._phase and not self._counted:
            self._timer.start()
            self._tick()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting while hidden."""
        super().hideEvent(event)
        self._timer.stop()
