"""Messages on the desktop: through the tray icon, else through the desktop's own bus, else none."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject

from core.errors import UserFacingError
from gui.task_thread import Tasks

_BUS = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_ANSWER_SECONDS = 2.0
_DESKTOPS_OWN_TIME = -1


class Notifications(QObject):
    """Shows messages without ever waiting for the desktop.

    Attributes:
        through_tray: shows a title and a text at the tray icon; ``None`` without one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.through_tray: Callable[[str, str], None] | None = None
        self._tasks = Tasks(self)

    def show(self, title: str, text: str) -> None:
        """Show a message; a desktop that shows none is no error."""
        if self.through_tray is not None:
            self.through_tray(title, text)
        elif sys.platform.startswith("linux"):
            self._tasks.start(
                f"show {title}", lambda: through_bus(title, text), lambda _ok: None, _nobody
            )

    def shut_down(self) -> None:
        """Wait for a message that is on its way."""
        self._tasks.shut_down()


def through_bus(title: str, text: str) -> bool:
    """Ask the desktop's notification service; return whether it took the message."""
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    service = DBusAddress(_PATH, bus_name=_BUS, interface=_BUS)
    call = new_method_call(
        service,
        "Notify",
        "susssasa{sv}i",
        ("Homelab Tuner", 0, "homelab-tuner", title, text, [], {}, _DESKTOPS_OWN_TIME),
    )
    try:
        with open_dbus_connection(bus="SESSION") as connection:
            answer = connection.send_and_get_reply(call, timeout=_ANSWER_SECONDS)
    except Exception:  # no bus, no service, no answer: a message is never worth a fault
        return False
    return bool(answer.header.message_type is MessageType.method_return)


def _nobody(_error: UserFacingError) -> None:
    """Nothing is lost with a message that is not shown."""
