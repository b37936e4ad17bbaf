"""Measuring once more: the button, and what is tried as well."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.theme import Space


class MeasureAgain(QWidget):
    """A button, and beside it the choice that was made before the first measurement.

    Attributes:
        button: measures again.
    """

    def __init__(self, prompted: QCheckBox, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton(_("Measure again"))
        self.prompted = QCheckBox(prompted.text())
        self.prompted.setChecked(prompted.isChecked())
        self.prompted.toggled.connect(prompted.setChecked)
        prompted.toggled.connect(self.prompted.setChecked)
        vbox(Flow(self.button, self.prompted, spacing=Space.MEDIUM), on=self, margins=0)
