"""A dialog for the name of a fine-tune and your notes about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QPlainTextEdit, QWidget

from core.language import _
from core.library.about import LONGEST_NAME, named
from core.library.shelf import Kept
from gui.kit.boxes import vbox
from gui.kit.labels import label
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (470, 340)


class AboutDialog(QDialog):
    """Asks for both at once.

    Attributes:
        said: the new ``About``.
    """

    said = Signal(object)

    def __init__(self, kept: Kept, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Name and notes"))
        self._before = kept.about
        self.name = QLineEdit(kept.name)
        self.name.setAccessibleName(_("Name"))
        self.name.setMaxLength(LONGEST_NAME)
        self.name.selectAll()
        self.notes = QPlainTextEdit(kept.about.notes)
        self.notes.setAccessibleName(_("Notes"))
        self.notes.setTabChangesFocus(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        self._run = kept.tune.run.name
        vbox(
            label(_("Name"), "small"),
            self.name,
            label(_("Notes"), "small"),
            (self.notes, 1),
            self.buttons,
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )
        fit_dialog(self, *_SIZE)

    def _save(self) -> None:
        name = self.name.text()
        about = named("" if name.strip() == self._run else name, self.notes.toPlainText(),
                      self._before)  # fmt: skip
        if about != self._before:
            self.said.emit(about)
        self.accept()
