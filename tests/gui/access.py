"""What every control needs: a name, a role, a size that a finger hits, and nothing over it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from gui.kit.look.sizes import LEAST_TARGET
from gui.shell.toast import visible_controls

_CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit,
    QProgressBar, QTextEdit,
)  # fmt: skip
_INSIDE = (QAbstractSpinBox, QComboBox, QAbstractItemView, QLineEdit)


def controls(window: QWidget) -> Iterator[QWidget]:
    """Yield what can be used or read on its own; parts of Qt's own controls are theirs."""
    for widget in window.findChildren(QWidget):
        if not isValid(widget) or not widget.isVisibleTo(window):
            continue
        if isinstance(widget, _CONTROLS) and not isinstance(widget.parentWidget(), _INSIDE):
            yield widget


def lacking(window: QWidget) -> list[str]:
    """Return what a screen reader or a finger would miss."""
    found = []
    for widget in controls(window):
        interface = QAccessible.queryAccessibleInterface(widget)
        name = interface.text(QAccessible.Text.Name).strip()
        said = f"{type(widget).__name__} {name or widget.objectName()!r}"
        if not name:
            found.append(f"{said} in {type(widget.parentWidget()).__name__}: no name")
        if interface.role() in (QAccessible.Role.NoRole, QAccessible.Role.Client):
            found.append(f"{said}: no role")
        if not widget.isEnabled() and not interface.state().disabled:
            found.append(f"{said}: does not say that it is off")
        pressed = isinstance(widget, QAbstractButton) and widget.width() and widget.height()
        if pressed and min(widget.width(), widget.height()) < LEAST_TARGET:
            found.append(f"{said}: {widget.width()} x {widget.height()}")
    return found


def nested(window: QWidget) -> list[str]:
    """Return the scroll areas that lie in another one and can be scrolled themselves."""
    return [
        f"{type(area).__name__} {area.accessibleName()!r}"
        for area in window.findChildren(QScrollArea)
        if area.isVisibleTo(window) and _scrolls(area) and _around(area, window)
    ]


def _scrolls(area: QScrollArea) -> bool:
    return area.verticalScrollBar().maximum() > 0


def _around(area: QScrollArea, window: QWidget) -> bool:
    around = area.parentWidget()
    while around is not None and around is not window:
        if isinstance(around, QScrollArea):
            return True
        around = around.parentWidget()
    return False


def covered(window: QWidget) -> list[str]:
    """Return where a toast lies over something that can be pressed."""
    toast = getattr(window, "toast", None)
    if toast is None or not toast.isVisible():
        return []
    return [
        f"{toast.what.text()!r} over {control}"
        for control in visible_controls(toast.parentWidget(), toast)
        if control.intersects(toast.geometry())
    ]
