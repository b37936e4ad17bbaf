"""An answer is written as it should have been."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from core.conversations.conversation import LONGEST_TEXT
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.theme import Space

_HEIGHT = 160


class Correction(QWidget):
    """Hidden until it begins.

    Attributes:
        given: the corrected text.
        dropped: nothing is corrected.
    """

    given = Signal(str)
    dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QPlainTextEdit()
        self.field.setAccessibleName(_("Corrected answer"))
        self.field.setTabChangesFocus(True)
        self.field.setMinimumHeight(_HEIGHT)
        self.field.textChanged.connect(self._check)
        self.save = QPushButton(_("Save the correction"))
        self.save.clicked.connect(self._give)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.clicked.connect(self.dropped)
        vbox(self.field, Flow(self.save, self.cancel), on=self, margins=0, spacing=Space.SMALL)
        self.hide()

    def begin(self, text: str) -> None:
        """Show the present text to be edited."""
        self.field.setPlainText(text)
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check(self) -> None:
        self.save.setEnabled(0 < len(self.field.toPlainText().strip()) <= LONGEST_TEXT)

    def _give(self) -> None:
        self.given.emit(self.field.toPlainText().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the answer as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
        else:
            super().keyPressEvent(event)
