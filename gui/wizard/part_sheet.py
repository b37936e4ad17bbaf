"""A part of a page that opens as a window of its own beside it, and closes with Escape."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QScrollArea, QWidget

from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.look.sizes import Space
from gui.kit.window_place import fit_dialog

_SIZE = (820, 560)


class PartSheet(QDialog):
    """Holds ``content``; the page behind it can still be used.

    Attributes:
        went: it was closed, in whatever way.
    """

    went = Signal()

    def __init__(self, title: str, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(content)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.hide)
        for button in buttons.findChildren(QPushButton):
            button.setAutoDefault(False)
        vbox(
            label(title, "title"),
            (area, 1),
            hbox(1, buttons),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )

    def open_beside(self) -> None:
        """Show it, in the middle of the window it belongs to."""
        fit_dialog(self, *_SIZE)
        self.show()
        self.raise_()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it is gone."""
        super().hideEvent(event)
        self.went.emit()
