from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell.toast import Toast


def shown(qtbot: QtBot, wide: int = 800) -> tuple[QWidget, Toast]:
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(wide, 600)
    toast = Toast(around)
    around.show()
    return around, toast


def test_it_lies_at_the_bottom_over_the_page(qtbot: QtBot) -> None:
    around, toast = shown(qtbot)
    toast.say("Saved.")
    assert toast.isVisible()
    assert abs(toast.geometry().center().x() - around.rect().center().x()) <= 1
    assert toast.geometry().top() > around.height() / 2
    assert toast.accessibleName() == "Good: Saved."
    assert toast.action.isHidden()


def test_it_goes_away_by_itself(qtbot: QtBot) -> None:
    _around, toast = shown(qtbot)
    toast.say("Saved.")
    assert 5_000 < toast._clock.interval() < 10_000
    toast._clock.timeout.emit()
    assert toast.isHidden()
    assert not toast._clock.isActive()


def test_it_waits_while_the_keyboard_is_on_it(qtbot: QtBot) -> None:
    around, toast = shown(qtbot)
    around.activateWindow()
    toast.say("Deleted.", "Undo", lambda: None)
    toast.action.setFocus()
    qtbot.waitUntil(toast.action.hasFocus)
    toast._clock.timeout.emit()
    assert toast.isVisible()
    qtbot.keyClick(toast.action, Qt.Key.Key_Escape)
    assert toast.isHidden()


def test_what_can_be_done_is_done_once(qtbot: QtBot) -> None:
    _around, toast = shown(qtbot)
    done: list[str] = []
    toast.say("Deleted.", "Undo", lambda: done.append("undone"))
    assert toast.action.text() == "Undo"
    toast.action.click()
    assert done == ["undone"]
    assert toast.isHidden()


def test_a_long_sentence_wraps_in_a_narrow_window_and_stays_longer(qtbot: QtBot) -> None:
    around, toast = shown(qtbot, 420)
    toast.say("A sentence that needs more than one line here, because it is long. " * 3)
    assert toast.width() <= around.width()
    assert toast._clock.interval() > 15_000
    around.resize(700, 600)
    assert abs(toast.geometry().center().x() - around.rect().center().x()) <= 1
