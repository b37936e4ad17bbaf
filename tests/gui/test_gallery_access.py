"""Every control of every scene has a name, a role and a size that a finger hits."""
# ruff: noqa: F811 - fixtures that are imported

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QTextEdit,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from gui.kit.look.sizes import LEAST_TARGET
from gui.kit.theme import apply_theme
from gui.shell.toast import visible_controls
from tests.gui.test_gallery import (
    SCENES,
    Stage,
    let_settle,
    light_again,  # noqa: F401
    stage,  # noqa: F401
)

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


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_control_has_a_name_a_role_and_a_size(
    scene: Callable[[Stage], None], stage: Stage
) -> None:
    apply_theme(QApplication.instance(), "light", 1.0)
    scene(stage)
    stage.qtbot.wait(60)
    let_settle(stage)
    assert lacking(stage.window) == []
    assert nested(stage.window) == []
    assert covered(stage.window) == []


def test_what_lacks_a_name_or_a_size_is_found(qapp: QApplication) -> None:
    window = QWidget()
    small = QToolButton(window)
    small.setFixedSize(18, 18)
    field = QLineEdit(window)
    window.show()
    found = lacking(window)
    assert any("no name" in one and "QLineEdit" in one for one in found)
    assert any("18 x 18" in one for one in found)
    small.setAccessibleName("Close")
    small.setFixedSize(24, 24)
    field.setAccessibleName("Name")
    assert lacking(window) == []
    window.close()
