"""What can be done with a project of the list besides opening it; its files are never deleted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from core.language import _
from gui.kit.icons import icon
from gui.kit.labels import set_tip


class ProjectMenu(QToolButton):
    """Opens the menu of a project.

    Attributes:
        renamed: carries the new name.
        taken_off: the project is wanted no more in the list.
    """

    renamed = Signal(str)
    taken_off = Signal()

    def __init__(self, root: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.root = root
        self.setIcon(icon("more"))
        self.setProperty("kind", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu_ = QMenu(self)
        self.rename = self.menu_.addAction(_("Rename …"))
        self.folder = self.menu_.addAction(_("Open its folder"))
        self.take_off = self.menu_.addAction(_("Remove from this list"))
        self.rename.triggered.connect(self.ask_name)
        self.folder.triggered.connect(self._open_folder)
        self.take_off.triggered.connect(self.taken_off)
        self.clicked.connect(self._open)
        self.show_name(root.name)

    def _open(self) -> None:
        self.menu_.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def show_name(self, name: str) -> None:
        """Say whose menu it is."""
        self._name = name
        text = _("More about “{project}”", project=name)
        self.setAccessibleName(text)
        set_tip(self, text)

    def ask_name(self) -> QInputDialog:
        """Ask for another name; the folder keeps its own."""
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle(_("Rename project"))
        dialog.setLabelText(_("Name of “{project}”", project=self._name))
        dialog.setTextValue(self._name)
        dialog.textValueSelected.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _take(self, text: str) -> None:
        if text.strip() and text.strip() != self._name:
            self.renamed.emit(text.strip())

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.root)))
