"""A dialog in which the texts of one example can be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QScrollArea, QWidget

from core.data.example import Example, Role
from core.language import N_, _
from gui.kit.boxes import vbox
from gui.kit.labels import label, stacked
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog
from gui.rows.code_look import show_text

_SIZE = (760, 560)
_LEAST_HEIGHT = 110
_ROLES: dict[Role, str] = {
    "system": N_("System"),
    "user": N_("Question"),
    "assistant": N_("Answer"),
    "tool": N_("Tool"),
}


class TurnEditor(QDialog):
    """One field for each turn.

    Attributes:
        saved: the texts of all turns, a tuple.
    """

    saved = Signal(object)

    def __init__(self, example: Example, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.panes = [_pane(message.role, message.content) for message in example.messages]
        self._before = self._texts()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        turns = QWidget()
        names = (_(_ROLES[message.role]) for message in example.messages)
        fields = [
            (stacked(label(name, "small"), pane), 1)
            for name, pane in zip(names, self.panes, strict=True)
        ]
        vbox(*fields, on=turns, margins=0, spacing=Space.MEDIUM)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(turns)
        vbox((area, 1), self.buttons, on=self, margins=Space.LARGE, spacing=Space.MEDIUM)
        fit_dialog(self, *_SIZE)
        self.panes[-1].setFocus()

    def _texts(self) -> tuple[str, ...]:
        return tuple(pane.toPlainText() for pane in self.panes)

    def _save(self) -> None:
        if self._texts() != self._before:
            self.saved.emit(self._texts())
        self.accept()


def _pane(role: Role, text: str) -> QPlainTextEdit:
    pane = QPlainTextEdit()
    show_text(pane, text)
    pane.setAccessibleName(_(_ROLES[role]))
    pane.setTabChangesFocus(True)
    pane.setMinimumHeight(_LEAST_HEIGHT)
    return pane
