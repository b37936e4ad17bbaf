"""What to do with a saved form now: a sentence, and lines to copy."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.export.saves.endings import Ending
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look, text_pane
from gui.kit.theme import Space

_MOST_LINES = 6


class EndingCard(QFrame):
    """Hidden until something was saved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.text = label("")
        self.lines = text_pane(_("Lines to type"), role="mono")
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
        self.lines.setPlainText(ending.lines)
        count = min(_MOST_LINES, ending.lines.count("\n") + 2)  # one more: long lines wrap
        margin = round(2 * self.lines.document().documentMargin()) + Space.SMALL
        self.lines.setFixedHeight(count * self.lines.fontMetrics().lineSpacing() + margin)
        self.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.toPlainText())
        announce(self, _("Copied"))
