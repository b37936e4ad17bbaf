"""Below the page: Back, what is missing, and one verb."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.pages.page import Page
from gui.theme import Space
from gui.widgets.labels import label

_LOOK = "Can only be looked at here."


class Footer(QFrame):
    """Three buttons, and a hint beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("footer")
        self.back = QPushButton("Back")
        self.hint = label("", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.secondary = QPushButton()
        self.primary = QPushButton()
        self.primary.setProperty("kind", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.HUGE, Space.MEDIUM, Space.HUGE, Space.MEDIUM)
        row.setSpacing(Space.MEDIUM)
        row.addWidget(self.back)
        row.addWidget(self.hint, 1)
        row.addWidget(self.secondary)
        row.addWidget(self.primary)

    def show_page(self, page: Page, *, writes: bool, back: bool) -> None:
        """Show what can be done on a page.

        Args:
            writes: whether the page may change the project.
            back: whether there is a page before it.
        """
        self.primary.setText(page.primary_text())
        self.primary.setVisible(bool(page.primary_text()))
        self.primary.setEnabled(page.is_ready() and writes)
        self.secondary.setText(page.secondary_text())
        self.secondary.setVisible(bool(page.secondary_text()))
        self.secondary.setEnabled(writes and not page.is_busy())
        self.hint.setText(page.hint() if writes else _LOOK)
        self.back.setEnabled(back)
