"""Can a window be shown here? Asked before Qt is loaded, since Qt would end the process instead."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

from core.language import _

_PACKAGES = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 libegl1"


def why_no_window() -> str:
    """Return why no window can be shown, in one sentence; ``""`` when it can."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return no_display()
    return _missing_library() or ("" if _answers() else _unreachable(display))


def no_display() -> str:
    """Return the sentence for a computer without a screen."""
    return _("There is no display here, so the window cannot open.")


def _unreachable(display: str) -> str:
    return _("The display “{display}” does not answer, so the window cannot open.", display=display)


def _missing_library() -> str:
    """Try to load Qt's plugin for X11 as Qt itself will."""
    plugin = _plugin()
    if plugin is None:
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _(
            "The window needs a library that this system lacks ({library}). On Debian or Ubuntu: "
            "sudo apt install {packages}",
            library=str(error).partition(":")[0],
            packages=_PACKAGES,
        )
    return ""


def _plugin() -> Path | None:
    spec = importlib.util.find_spec("PySide6")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "Qt" / "plugins" / "platforms" / "libqxcb.so"  # not shown: a path
        if path.is_file():
            return path
    return None


def _answers() -> bool:
    """Return whether the X server in ``DISPLAY`` lets this account in."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt brings its own way; let it try
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed
