"""A message bus of its own, and a desktop on it that keeps what it was asked to show."""

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

_SERVICE = "org.freedesktop.Notifications"


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a session bus without a desktop; also of this process's children."""
    if not shutil.which("dbus-daemon"):
        pytest.skip("needs dbus-daemon")
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
def desktop(bus: str) -> Iterator[list[tuple[str, str]]]:
    """Titles and texts that a desktop's notification service was asked to show."""
    shown: list[tuple[str, str]] = []
    connection = open_dbus_connection(bus=bus)
    connection.send_and_get_reply(message_bus.RequestName(_SERVICE))

    def serve() -> None:
        while True:
            message = connection.receive()
            if message.body[:1] == ("stop",):
                return
            if message.body[:1] == ("Homelab Tuner",):
                shown.append(message.body[3:5])
                connection.send(new_method_return(message, "u", (7,)))

    thread = threading.Thread(target=serve)
    thread.start()
    yield shown
    with open_dbus_connection(bus=bus) as other:
        place = DBusAddress("/", bus_name=connection.unique_name, interface="a.b")
        other.send(new_method_call(place, "Stop", "s", ("stop",)))
        thread.join(60)
    connection.close()
