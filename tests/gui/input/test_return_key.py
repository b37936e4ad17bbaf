import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from gui.input.return_key import ReturnKey


@pytest.fixture
def keys(qapp):
    installed = ReturnKey()
    QApplication.instance().installEventFilter(installed)
    yield installed
    QApplication.instance().removeEventFilter(installed)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_focused_button_is_pressed_once(qtbot, keys, key):
    button = QPushButton("Go")
    qtbot.addWidget(button)
    clicks = []
    button.clicked.connect(lambda: clicks.append(1))
    qtbot.keyClick(button, key)
    assert clicks == [1]


def test_a_disabled_button_is_left_alone(qtbot, keys):
    button = QPushButton("Go")
    qtbot.addWidget(button)
    button.setEnabled(False)
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    assert keys.eventFilter(button, press) is False


def test_other_widgets_keep_their_keys(qtbot, keys):
    line = QLineEdit()
    qtbot.addWidget(line)
    returns = []
    line.returnPressed.connect(lambda: returns.append(1))
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert returns == [1]


def test_a_key_that_is_held_down_presses_once(qtbot, keys):
    button = QPushButton("Go")
    qtbot.addWidget(button)
    clicks = []
    button.clicked.connect(lambda: clicks.append(1))
    no_modifier = Qt.KeyboardModifier.NoModifier
    for again in (False, True, True):
        key = Qt.Key.Key_Return
        QApplication.sendEvent(
            button, QKeyEvent(QEvent.Type.KeyPress, key, no_modifier, "\r", again)
        )
    assert clicks == [1]
