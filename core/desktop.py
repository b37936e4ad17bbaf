"""Messages of the desktop, through its own bus; never worth a fault."""

from __future__ import annotations

import html
import sys

_NAME = "Homelab Tuner"  # not shown: the product's name, in any language
_BUS = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_ANSWER_SECONDS = 2.0
_DESKTOPS_OWN_TIME = -1


def show_message(title: str, text: str) -> bool:
    """Ask the desktop's notification service; return whether it took the message.

    Waits up to two seconds for the service.
    """
    if not sys.platform.startswith("linux"):
        return False
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    plain = html.escape(text, quote=False)  # the service reads markup in it
    service = DBusAddress(_PATH, bus_name=_BUS, interface=_BUS)
    call = new_method_call(
        service,
        "Notify",
        "susssasa{sv}i",
        (_NAME, 0, "homelab-tuner", title, plain, [], {}, _DESKTOPS_OWN_TIME),
    )
    try:
        with open_dbus_connection(bus="SESSION") as connection:
            answer = connection.send_and_get_reply(call, timeout=_ANSWER_SECONDS)
    except Exception:  # no bus, no service, no answer
        return False
    return bool(answer.header.message_type is MessageType.method_return)
