"""Does the screen mix windows with what lies below them? Without that, clear corners are black."""

from __future__ import annotations

import ctypes

from PySide6.QtGui import QGuiApplication

_SELECTION = b"_NET_WM_CM_S0"  # held by whoever composes the first screen


def is_composed() -> bool:
    """Return whether parts of a window may be see-through; asked again, since it can change."""
    return QGuiApplication.platformName() != "xcb" or _has_owner(_SELECTION)


def _has_owner(selection: bytes) -> bool:
    """Ask the X server, on a connection of its own: Qt does not tell."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = x11.XGetSelectionOwner.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
    x11.XGetSelectionOwner.argtypes = (ctypes.c_void_p, ctypes.c_ulong)
    x11.XCloseDisplay.argtypes = (ctypes.c_void_p,)
    display = x11.XOpenDisplay(None)
    if not display:
        return False
    try:
        return bool(x11.XGetSelectionOwner(display, x11.XInternAtom(display, selection, 0)))
    finally:
        x11.XCloseDisplay(display)
