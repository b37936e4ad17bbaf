from __future__ import annotations

from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from gui.desktop.tray import Tray, tray_available


def test_there_is_no_tray_without_a_desktop(qtbot: QtBot) -> None:
    assert not tray_available()


def test_the_menu_says_how_far_it_is_and_acts(qtbot: QtBot) -> None:
    tray = Tray()
    assert tray.status.text() == "No run in progress"
    assert not tray.pause.isEnabled()
    tray.show_status("Step 3 of 40", paused=False)
    assert tray.icon.toolTip() == "Homelab Tuner: Step 3 of 40"
    assert tray.pause.text() == "Pause the run"
    tray.show_status("Paused", paused=True)
    assert tray.pause.text() == "Resume the run"
    with qtbot.waitSignal(tray.paused):
        tray.pause.trigger()
    with qtbot.waitSignal(tray.quit):
        tray.leave.trigger()
    with qtbot.waitSignal(tray.opened):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.waitSignal(tray.opened):
        tray.icon.messageClicked.emit()
    with qtbot.assertNotEmitted(tray.opened):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    tray.shut_down()
