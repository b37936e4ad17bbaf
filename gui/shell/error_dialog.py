"""The dialog for unexpected errors: a sentence, a next step, the technical text on demand."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from core.errors import UserFacingError
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import selectable, text_pane
from gui.kit.theme import Space

_WIDTH = 560
_DETAILS_HEIGHT = 220


class ErrorDialog(QDialog):
    """Says what happened and what to do; *Details* unfolds text that can be copied."""

    def __init__(self, error: UserFacingError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Homelab Tuner")  # not shown: a name that stays
        self.setMinimumWidth(_WIDTH)
        self._details = text_pane(_("Details"), error.details, role="mono")
        self._details.setMinimumHeight(_DETAILS_HEIGHT)
        self._details.hide()
        vbox(
            selectable(error.what, "heading"),
            selectable(error.todo),
            self._details,
            self._buttons(bool(error.details)),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        self.setAccessibleName(error.what)

    def _buttons(self, has_details: bool) -> Flow:
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        if not has_details:
            return Flow(close, at_end=True)
        copy = QPushButton(_("Copy details"))
        copy.clicked.connect(self._copy)
        return Flow(self._details_button(), copy, close, at_end=True)

    def _details_button(self) -> QPushButton:
        button = QPushButton(_("Details"))
        button.setCheckable(True)
        button.toggled.connect(self._show_details)
        return button

    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details.toPlainText())
