from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_method_call, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from pytestqt.qtbot import QtBot

from gui.notifications import Notifications, through_bus
from tests.gui import scenes

needs_bus = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="needs dbus-daemon")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A message bus of its own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--nosyslog"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


@pytest.fixture
def desktop(bus: str) -> Iterator[list[tuple[object, ...]]]:
    """A desktop's notification service that keeps what it was asked to show."""
    shown: list[tuple[object, ...]] = []
    connection = open_dbus_connection(bus=bus)
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))

    def serve() -> None:
        while True:
            message = connection.receive()
            if message.body[:1] == ("stop",):
                return
            shown.append(message.body)
            connection.send(new_method_return(message, "u", (7,)))

    thread = threading.Thread(target=serve)
    thread.start()
    yield shown
    with open_dbus_connection(bus=bus) as other:
        place = DBusAddress("/", bus_name=connection.unique_name, interface="a.b")
        other.send(new_method_call(place, "Stop", "s", ("stop",)))
        thread.join(5)
    connection.close()


@needs_bus
def test_the_desktop_shows_the_message(desktop: list[tuple[object, ...]]) -> None:
    assert through_bus("Training is done", "train-001: ü 漢字")
    (message,) = desktop
    assert message[0] == "Homelab Tuner"
    assert message[3:5] == ("Training is done", "train-001: ü 漢字")


@needs_bus
def test_a_bus_without_a_desktop_is_no_fault(bus: str) -> None:
    assert not through_bus("a", "b")


def test_no_bus_is_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    assert not through_bus("a", "b")


@needs_bus
def test_without_a_tray_the_bus_is_asked(desktop: list[tuple[object, ...]], qtbot: QtBot) -> None:
    notifications = Notifications()
    notifications.show("Training is paused", "too hot")
    scenes.until(qtbot, lambda: len(desktop) == 1)
    notifications.shut_down()


def test_the_tray_comes_first(qtbot: QtBot) -> None:
    notifications = Notifications()
    shown: list[tuple[str, str]] = []
    notifications.through_tray = lambda title, text: shown.append((title, text))
    notifications.show("a", "b")
    assert shown == [("a", "b")]
    notifications.shut_down()
