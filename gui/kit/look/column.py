"""The column in which a page stands: centred, and not wider than one reads comfortably."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.kit.look.sizes import READING, Space


class Roomy(QWidget):
    """Is never squeezed: parts that take what is left still have a least height."""

    def heightForWidth(self, width: int) -> int:
        """Return what the parts want, at least what they need."""
        layout = self.layout()
        if layout is None:
            return super().heightForWidth(width)
        return max(layout.totalHeightForWidth(width), layout.totalMinimumHeightForWidth(width))


class Column(Roomy):
    """Keeps its layout in the middle; in a scroll area, as if there were no scroll bar.

    Args:
        limit: the layout's greatest width.
        beside: pixels that stay free at its sides at least.
        area: the scroll area that it lies in.
    """

    def __init__(
        self, limit: int = READING, beside: int = Space.HUGE, area: QScrollArea | None = None
    ) -> None:
        super().__init__(area)
        self._limit = limit
        self._beside = beside
        self._area = area
        if area is not None:
            area.viewport().installEventFilter(self)

    def set_limit(self, limit: int) -> None:
        """Give the layout another greatest width."""
        self._limit = limit
        self._centre()

    def minimumSizeHint(self) -> QSize:
        """Return the least size; the free sides do not keep the window from getting narrower."""
        hint, layout = super().minimumSizeHint(), self.layout()
        if layout is None:
            return hint
        margins = layout.contentsMargins()
        free = margins.left() + margins.right() - 2 * self._beside
        return QSize(hint.width() - max(0, free), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the layout into the middle."""
        super().resizeEvent(event)
        self._centre()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The scroll bar may have come or gone."""
        if event.type() is QEvent.Type.Resize:
            self._centre()
        return super().eventFilter(watched, event)

    def _centre(self) -> None:
        layout = self.layout()
        if layout is None:
            return
        whole = self._area.width() if self._area is not None else self.width()
        bar = whole - self._area.viewport().width() if self._area is not None else 0
        side = max(self._beside, (whole - self._limit) // 2)
        now = layout.contentsMargins()
        if (now.left(), now.right()) != (side, side - bar):
            layout.setContentsMargins(side, now.top(), max(0, side - bar), now.bottom())
            layout.activate()  # at once: nothing is seen to jump
