from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.shell.toast import Toast, visible_controls


def shown(qtbot: QtBot, wide: int = 800) -> tuple[QWidget, Toast]:
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(wide, 600)
    toast = Toast(around)
    around.show()
    return around, toast


def test_it_lies_over_the_page_where_the_headline_leaves_room(qtbot: QtBot) -> None:
    around, toast = shown(qtbot)
    toast.say("Saved.")
    assert toast.isVisible()
    assert around.rect().contains(toast.geometry())
    assert toast.geometry().center().x() > around.rect().center().x()
    assert toast.geometry().bottom() < around.height() / 4
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


def test_what_stays_waits_for_an_answer(qtbot: QtBot) -> None:
    _around, toast = shown(qtbot)
    toast.say("Deleted.", "Undo", lambda: None)
    toast.say("New here?", "Show me around", lambda: None, stays=True)
    assert not toast._clock.isActive(), "nor does the one before end it"
    toast.leave_behind()
    assert toast.isHidden()


def test_what_can_be_done_is_done_once(qtbot: QtBot) -> None:
    _around, toast = shown(qtbot)
    done: list[str] = []
    toast.say("Deleted.", "Undo", lambda: done.append("undone"))
    assert toast.action.text() == "Undo"
    toast.action.click()
    assert done == ["undone"]
    assert toast.isHidden()


def test_an_offer_stays_with_its_page_and_news_may_go_along(qtbot: QtBot) -> None:
    _window, toast = shown(qtbot)
    toast.say("Saved.")
    toast.leave_behind()
    assert toast.isVisible()
    toast.say("Row 4 is left out.", "Undo", lambda: None)
    toast.leave_behind()
    assert toast.isHidden()


def test_a_long_sentence_wraps_in_a_narrow_window_and_stays_longer(qtbot: QtBot) -> None:
    around, toast = shown(qtbot, 420)
    toast.say("A sentence that needs more than one line here, because it is long. " * 3)
    assert toast.width() <= around.width()
    assert toast._clock.interval() > 15_000
    around.resize(700, 600)
    assert around.rect().contains(toast.geometry())


def test_it_covers_nothing_that_can_be_pressed(qtbot: QtBot) -> None:
    around, toast = shown(qtbot)
    top = QPushButton("Resume", around)
    top.setGeometry(0, 0, 800, 80)
    top.show()
    toast.say("Saved.")
    assert toast.geometry().top() > around.height() / 2
    below = QPushButton("Begin", around)
    below.setGeometry(300, 440, 200, 90)
    below.show()
    toast.say("Saved.")
    for control in visible_controls(around, toast):
        assert not toast.geometry().intersects(control)


def test_it_moves_away_when_a_button_comes_up_beneath_it(qtbot: QtBot) -> None:
    around, toast = shown(qtbot)
    parts = QVBoxLayout(around)
    toast.say("Saved.")
    before = toast.geometry()
    offer = QPushButton("Resume")
    offer.setMinimumHeight(200)
    parts.addWidget(offer)
    parts.addStretch()
    qtbot.waitUntil(lambda: toast.geometry() != before)
    assert not toast.geometry().intersects(offer.geometry())
