from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.shell.help.tour import Hint, Tour


def touring(qtbot: QtBot) -> tuple[QWidget, Tour]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 620)
    places = [QPushButton(text, window) for text in "abc"]
    for place, (x, y) in zip(places, ((10, 10), (850, 10), (800, 580)), strict=True):
        place.setGeometry(x, y, 40, 30)
    window.show()
    hints = [Hint(place, f"About {place.text()}", "Text.") for place in places]
    return window, Tour(hints, window)


def test_every_hint_stands_inside_the_window(qtbot: QtBot) -> None:
    window, tour = touring(qtbot)
    for number in range(3):
        tour.show_hint(number)
        assert window.rect().contains(tour.geometry())
        assert tour.count.text() == f"{number + 1} of 3"
    window.resize(700, 500)
    assert window.rect().contains(tour.geometry())


def test_a_ring_stands_around_what_is_meant(qtbot: QtBot) -> None:
    window, tour = touring(qtbot)
    for number, hint in enumerate(tour._hints):
        tour.show_hint(number)
        place = QRect(hint.about.mapTo(window, QPoint(0, 0)), hint.about.size())
        assert tour.ring.geometry().contains(place)
        assert not tour.geometry().intersects(place), "it does not cover what it is about"
    tour.end()
    assert tour.ring.isHidden()


def test_the_last_one_ends_it(qtbot: QtBot) -> None:
    _window, tour = touring(qtbot)
    tour.show_hint(0)
    tour.next.click()
    tour.next.click()
    assert tour.next.text() == "Done"
    with qtbot.waitSignal(tour.ended):
        tour.next.click()


def test_escape_skips_the_rest_and_the_arrows_walk(qtbot: QtBot) -> None:
    _window, tour = touring(qtbot)
    tour.show_hint(0)
    qtbot.keyClick(tour, Qt.Key.Key_Right)
    assert tour.title.text() == "About b"
    qtbot.keyClick(tour, Qt.Key.Key_Left)
    assert tour.title.text() == "About a"
    with qtbot.waitSignal(tour.ended):
        qtbot.keyClick(tour, Qt.Key.Key_Escape)
