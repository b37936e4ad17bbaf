from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.desktop.notifications import Notifications
from tests.gui import scenes


def test_without_a_tray_the_bus_is_asked(desktop: list[tuple[str, str]], qtbot: QtBot) -> None:
    notifications = Notifications()
    notifications.show("Training is paused", "too hot")
    scenes.until(qtbot, lambda: desktop == [("Training is paused", "too hot")])
    notifications.shut_down()


def test_the_tray_comes_first(desktop: list[tuple[str, str]], qtbot: QtBot) -> None:
    notifications = Notifications()
    shown: list[tuple[str, str]] = []
    notifications.through_tray = lambda title, text: shown.append((title, text))
    notifications.show("a", "b")
    assert shown == [("a", "b")]
    notifications.shut_down()
    assert desktop == []
