"""The wheel scrolls and changes nothing: no value by itself, no table until it is clicked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWheelEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)

_VALUES = (QAbstractSlider, QAbstractSpinBox, QComboBox, QTabBar)


class Wheel(QObject):
    """An event filter for the application: no table holds the page up, nothing changes unseen.

    A value is not changed by the wheel where it has the focus either: a list is still focused
    and under the pointer when something was chosen in it and the person rolls on.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the wheel to the page around; everything else passes."""
        if not isinstance(event, QWheelEvent):
            return False
        if isinstance(watched, QWindow):
            _keep_focus(QApplication.widgetAt(event.globalPosition().toPoint()))
            return False
        if not isinstance(watched, QWidget) or isinstance(watched, QScrollBar):
            return False
        inner = _nearest(watched, (*_VALUES, QAbstractScrollArea))
        return inner is not None and _is_taken_from(inner, event)


def _is_taken_from(inner: QWidget, event: QWheelEvent) -> bool:
    holds_value = isinstance(inner, _VALUES)
    if not holds_value and (inner.hasFocus() or isinstance(inner, QGraphicsView)):
        return False
    bar = _bar_around(inner, event)
    if bar is None:
        return holds_value
    QApplication.sendEvent(bar, event)
    event.accept()
    return True


def _keep_focus(widget: QWidget | None) -> None:
    """Let rolling over a widget not focus it.

    Qt gives the focus before any filter of the widget's event is asked, so this happens while
    the event is still the window's.
    """
    while widget is not None:
        if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget = None if widget.isWindow() else widget.parentWidget()


def _bar_around(inner: QWidget, event: QWheelEvent) -> QScrollBar | None:
    """Return the bar that the wheel moves instead: of the page around, if that can scroll."""
    sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
    outer = _nearest(inner.parentWidget(), (QScrollArea,))
    while isinstance(outer, QScrollArea):
        bar = outer.horizontalScrollBar() if sideways else outer.verticalScrollBar()
        if bar.maximum() > bar.minimum():
            return bar
        outer = _nearest(outer.parentWidget(), (QScrollArea,))
    return None


def _nearest(widget: QWidget | None, kinds: tuple[type[QWidget], ...]) -> QWidget | None:
    """Return the widget or the nearest one around it in its window that is of these kinds."""
    while widget is not None:
        if isinstance(widget, kinds):
            return widget
        widget = None if widget.isWindow() else widget.parentWidget()
    return None
