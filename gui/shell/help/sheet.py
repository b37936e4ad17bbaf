"""A small window of reading matter that closes with Escape."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLayout, QPushButton, QWidget

from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.look.sizes import Space
from gui.kit.scroll import scrolled
from gui.kit.window_place import fit_dialog

_WIDTH, _HEIGHT = 620, 640


class Sheet(QDialog):
    """A title, what can be read, and buttons below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._title = title

    def fill(self, content: QLayout, *buttons: QPushButton) -> None:
        """Lay everything out; ``buttons`` stand before Close."""
        page = QWidget()
        area = scrolled(page, content)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # it is read with the arrow keys
        area.setAccessibleName(self._title)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        vbox(
            label(self._title, "title"),
            (page, 1),
            hbox(*buttons, 1, close, spacing=Space.SMALL),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        fit_dialog(self, _WIDTH, _HEIGHT)
