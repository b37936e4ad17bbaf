"""What a running job is doing: a sign after half a second, a bar with phase and counts."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.events import Progress
from core.language import _
from core.wording import duration
from gui.input.keyboard import bring_into_sight
from gui.jobs.phase_bar import PhaseBar
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import announce, label, set_look
from gui.kit.theme import Space

_SIGN_AFTER_MS = 500
_LONG_SECONDS = 60.0  # work of so long is not thrown away by one press


class JobProgress(QFrame):
    """Hidden while nothing runs.

    Attributes:
        cancelled: the user wants the job to end.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None, *, cancellable: bool = True) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._phase = label("")
        self._said = self._heard = ""
        self._since = time.monotonic()
        self._lost = label("", "small")
        self._lost.hide()
        self._keep = QPushButton(_("Keep going"))
        self._keep.clicked.connect(self._keep_going)
        self._keep.hide()
        self._bar = PhaseBar()
        self._bar.passed.connect(self._say)
        self._cancel = QPushButton(_("Cancel"))
        self._cancel.clicked.connect(self._ask_to_cancel)
        if not cancellable:
            self._cancel.hide()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SIGN_AFTER_MS)
        self._delay.timeout.connect(self._appear)
        texts = vbox(self._phase, self._bar, self._lost)
        hbox(
            (texts, 1), self._keep, self._cancel, on=self, margins=Space.CARD, spacing=Space.MEDIUM
        )
        self.hide()

    def begin(self, phase: str) -> None:
        """Show ``phase`` in half a second, unless the job has ended by then."""
        self._said, self._since = phase, time.monotonic()
        self._heard = ""
        self._bar.in_part(0, 0)
        self._bar.begin(phase)
        self._cancel.setEnabled(True)
        self._keep_going()
        self._delay.start()

    def _appear(self) -> None:
        """Come into sight, also where the page is scrolled down."""
        self.show()
        announce(self, self._said)
        QTimer.singleShot(0, self, lambda: bring_into_sight(self))

    def update_from(self, event: Progress) -> None:
        """Show how far the job is; nothing is claimed while the total is unknown."""
        total = event.total
        if event.phase != self._heard and not self.isHidden():
            announce(self, event.phase)
        self._heard = event.phase
        self._bar.in_part(event.part, event.parts)
        self._said = _with_counts(event) if total else event.phase
        if total:
            self._bar.show_counts(event.phase, event.done, total)
        else:
            self._bar.begin(event.phase)

    def _say(self, passed: str) -> None:
        self._phase.setText(f"{self._said} · {passed}" if passed else self._said)

    def end(self) -> None:
        """The job is over."""
        self._delay.stop()
        self._bar.end()
        self.hide()

    def _ask_to_cancel(self) -> None:
        seconds = time.monotonic() - self._since
        if seconds >= _LONG_SECONDS and self._keep.isHidden():
            lost = _("{time} of work would be lost.", time=duration(seconds))
            self._lost.setText(lost)
            self._cancel.setText(_("Cancel anyway"))
            self._cancel.setAccessibleDescription(lost)
            self._lost.show()
            self._keep.show()
            self._keep.setFocus()
            return
        self._keep_going()
        self._cancel.setEnabled(False)
        self._cancel.setText(_("Cancelling …"))
        self.cancelled.emit()

    def _keep_going(self) -> None:
        self._lost.hide()
        self._keep.hide()
        self._cancel.setText(_("Cancel"))
        self._cancel.setAccessibleDescription("")


def _with_counts(event: Progress) -> str:
    if not event.unit:
        return _(
            "{phase} – {done:,} of {total:,}",
            phase=event.phase, done=event.done, total=event.total,
        )  # fmt: skip
    # Translators: Reading – 1,200 of 5,000 rows
    return _(
        "{phase} – {done:,} of {total:,} {unit}",
        phase=event.phase, done=event.done, total=event.total, unit=event.unit,
    )  # fmt: skip
