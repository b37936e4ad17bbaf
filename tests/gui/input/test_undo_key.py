import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from gui.input.undo_key import UndoKey


@pytest.fixture
def field(qtbot):
    habit = UndoKey()
    QApplication.instance().installEventFilter(habit)
    window = QWidget()
    window.undone = []
    QShortcut(QKeySequence.StandardKey.Undo, window, lambda: window.undone.append(1))
    line = QLineEdit("as it was")
    QVBoxLayout(window).addWidget(line)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    line.setFocus()
    yield line
    QApplication.instance().removeEventFilter(habit)


def test_a_line_undoes_its_own_typing_first(qtbot, field):
    field.selectAll()
    qtbot.keyClicks(field, "x")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "as it was"
    assert field.window().undone == []


def test_a_line_without_typing_leaves_the_key_to_the_page(qtbot, field):
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.window().undone == [1]
