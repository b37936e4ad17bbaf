"""A list to choose one thing from; opened, it is as wide as its longest entry."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QStyle

_MARGINS = 12
_NARROW = 10  # letters


class Dropdown(QComboBox):
    """Where the field itself has less room, its text is cut; the open list never is."""

    def be_narrow(self) -> None:
        """Do not ask for the width of the longest entry: the place decides."""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_NARROW)

    def showPopup(self) -> None:
        """Give the list its width, as far as the screen allows."""
        view = self.view()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, view)
        needed = view.sizeHintForColumn(0) + _MARGINS
        if self.count() > self.maxVisibleItems():
            needed += bar
        view.setMinimumWidth(min(needed, self.screen().availableGeometry().width()))
        super().showPopup()
