"""What to do with a saved form now: a sentence, and lines to copy."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QWidget

from core.export.saves.endings import Ending
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look, set_up_pane
from gui.kit.theme import Space


class _Lines(QPlainTextEdit):
    """Lines to copy, as high as they are: nothing in a page scrolls beside the page."""

    def __init__(self) -> None:
        super().__init__()
        set_up_pane(self, _("Lines to type"), role="mono")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_lines(self, text: str) -> None:
        """Show these lines."""
        self.setPlainText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Long lines wrap elsewhere."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)  # the viewport has its new size only afterwards

    def _fit(self) -> None:
        block, high = self.document().begin(), 2 * self.document().documentMargin()
        while block.isValid():
            high += self.blockBoundingRect(block).height()
            block = block.next()
        whole = math.ceil(high) + Space.LARGE  # the frame and its padding
        if whole != self.height():
            self.setFixedHeight(whole)


class EndingCard(QFrame):
    """Hidden until something was saved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.text = label("")
        self.lines = _Lines()
        self.copy = QPushButton(_("Copy the lines"))
        self.copy.clicked.connect(self._copy)
        vbox(
            label(_("What to do now"), "heading"),
            self.text,
            self.lines,
            Flow(self.copy),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )
        self.hide()

    def show_ending(self, ending: Ending) -> None:
        """Show what to do."""
        self.text.setText(ending.text)
        self.lines.show_lines(ending.lines)
        self.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.toPlainText())
        announce(self, _("Copied"))
