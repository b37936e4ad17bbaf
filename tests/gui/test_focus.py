"""Where the keyboard is can be seen: each kind of control looks different by a line of 3:1."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTableWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.theme import apply_theme
from tests.gui.kit.look.test_colors import contrast

_KINDS = ("", "primary", "quiet", "link", "small", "tile", "inner", "chip")
_LEAST_CONTRAST = 3.0
_LEAST_PIXELS = 20  # of the line that comes with the keyboard


def controls() -> list[QWidget]:
    made: list[QWidget] = []
    for kind in _KINDS:
        button = QPushButton("Press")
        button.setProperty("kind", kind)
        made.append(button)
    combo = QComboBox()
    combo.addItem("One")
    tool = QToolButton()
    tool.setText("Tool")
    fields = (QLineEdit("text"), QPlainTextEdit("text"), QSpinBox(), QTableWidget(2, 2), combo)
    return [*made, tool, *fields, QCheckBox("Tick"), QRadioButton("Choose")]


def seen(before: QImage, after: QImage) -> int:
    """Return how many pixels changed so that they stand out from what was there, or around."""
    count = 0
    for x in range(before.width()):
        for y in range(before.height()):
            was, now = QColor(before.pixel(x, y)), QColor(after.pixel(x, y))
            if was != now and contrast(was.name(), now.name()) >= _LEAST_CONTRAST:
                count += 1
    return count


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_the_keyboards_place_can_be_seen(look: str, qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp, look)
    window, elsewhere = QWidget(), QLineEdit()
    qtbot.addWidget(window)
    made = controls()
    vbox(elsewhere, *made, on=window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    unseen = []
    for control in made:
        elsewhere.setFocus()
        before = control.grab().toImage()
        control.setFocus()
        qtbot.waitUntil(control.hasFocus)
        if seen(before, control.grab().toImage()) < _LEAST_PIXELS:
            unseen.append(f"{type(control).__name__} {control.property('kind') or ''}")
    apply_theme(qapp, "light")
    assert unseen == []
