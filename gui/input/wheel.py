"""The wheel scrolls the page; what scrolls or counts inside of it must be clicked first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QScrollArea,
    QWidget,
)

_GREEDY = (QAbstractScrollArea, QAbstractSpinBox, QComboBox)


class Wheel(QObject):
    """An event filter for the application: no table holds the page up, no number changes unseen.

    Qt would give the keyboard to what the wheel turns over, before any filter sees the wheel.
    """

    def __init__(self) -> None:
        super().__init__()
        for widget in QApplication.allWidgets():
            if isinstance(widget, _GREEDY):
                _take_no_focus_by_wheel(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the wheel to the page around; everything else passes."""
        if event.type() is QEvent.Type.Polish and isinstance(watched, _GREEDY):
            _take_no_focus_by_wheel(watched)
        if not isinstance(event, QWheelEvent) or not isinstance(watched, QWidget):
            return False
        inner = _nearest(watched, _GREEDY)
        if inner is None or _may_turn(inner):
            return False
        outer = _nearest(inner.parentWidget(), (QScrollArea,))
        if not isinstance(outer, QScrollArea):
            return False
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        bar = outer.horizontalScrollBar() if sideways else outer.verticalScrollBar()
        QApplication.sendEvent(bar, event)
        event.accept()
        return True


def _take_no_focus_by_wheel(widget: QWidget) -> None:
    if widget.focusPolicy() is Qt.FocusPolicy.WheelFocus:
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def _may_turn(inner: QWidget) -> bool:
    """A choice never turns: it keeps the keyboard long after it was made."""
    if isinstance(inner, QComboBox):
        return False
    return inner.hasFocus() or isinstance(inner, QGraphicsView)


def _nearest(widget: QWidget | None, kinds: tuple[type[QWidget], ...]) -> QWidget | None:
    """Return the widget or the nearest one around it in its window that is of these kinds."""
    while widget is not None:
        if isinstance(widget, kinds):
            return widget
        widget = None if widget.isWindow() else widget.parentWidget()
    return None
