"""Where questions are written: Enter sends, Shift+Enter breaks the line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from core.language import _

LONGEST = 200_000  # characters
_LEAST_LINES, _MOST_LINES = 2, 7
_AROUND = 30
_SENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BREAKS = Qt.KeyboardModifier.ShiftModifier


class Composer(QPlainTextEdit):
    """Grows with its text, up to seven lines.

    Attributes:
        submitted: the text is to be sent.
        paged: the conversation is to be scrolled by so many pages.
    """

    submitted = Signal()
    paged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Your question"))
        self.setPlaceholderText(_("Ask a question. Enter sends it, Shift+Enter starts a new line."))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._grow)
        self._grow()

    def text(self) -> str:
        """Return what is to be asked."""
        return self.toPlainText().strip()

    def _grow(self) -> None:
        lines = int(self.document().size().height())  # counted in lines by this kind of document
        shown = max(_LEAST_LINES, min(lines, _MOST_LINES))
        self.setFixedHeight(shown * self.fontMetrics().lineSpacing() + _AROUND)

    def sizeHint(self) -> QSize:
        """Ask for no width of its own."""
        return QSize(200, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send, break the line, or scroll the conversation."""
        key = event.key()
        if key in _SENDS and not event.modifiers() & _BREAKS:
            if not event.isAutoRepeat():
                self.submitted.emit()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.paged.emit(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)
