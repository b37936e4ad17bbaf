"""A list to choose one thing from; opened, it is as wide as its longest entry."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStyle, QWidget

_MARGINS = 12
_NARROW = 10  # letters


class Dropdown(QComboBox):
    """Where the field itself has less room, its text is cut; the open list never is.

    On Linux, Qt names a list to choose from by its value alone, so the name is told as a label's.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setBuddy(self)
        self.destroyed.connect(self._name.deleteLater)

    def be_narrow(self) -> None:
        """Do not ask for the width of the longest entry: the place decides."""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        """Have the label beside it: screen readers look for one there, hidden or not."""
        super().showEvent(event)
        around = self.parentWidget()
        if around is not None and self._name.text() and self._name.parentWidget() is not around:
            self._name.setParent(around)
            self._name.hide()

    def setAccessibleName(self, name: str) -> None:
        """Say what is chosen here."""
        super().setAccessibleName(name)
        self._name.setText(name)

    def showPopup(self) -> None:
        """Give the list its width, as far as the screen allows."""
        view = self.view()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, view)
        needed = view.sizeHintForColumn(0) + _MARGINS
        if self.count() > self.maxVisibleItems():
            needed += bar
        view.setMinimumWidth(min(needed, self.screen().availableGeometry().width()))
        super().showPopup()
