"""Where the window stands: inside any screen at first, later as it was left."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from gui.kit.look.fonts import FontSize
from gui.kit.theme import application

_FIRST = QSize(1180, 780)
_LEAST = QSize(900, 620)
_FRAME = QSize(16, 48)  # a title bar and borders, which nobody knows before it is shown


def place_window(window: QWidget, geometry: str) -> None:
    """Give a window that was not shown yet its size, and its place and state of the last time.

    Args:
        geometry: what :func:`geometry_of` returned; a damaged one, or ``""``, gives the first size.
    """
    room = _room(window.screen() or QGuiApplication.primaryScreen())
    window.setMinimumSize(_LEAST.boundedTo(room))
    window.resize(_FIRST.boundedTo(room))
    try:
        known = base64.b64decode(geometry, validate=True)
    except (binascii.Error, ValueError):
        return
    if known and window.restoreGeometry(QByteArray(known)) and not window.isMaximized():
        window.resize(window.size().boundedTo(room))


def geometry_of(window: QWidget) -> str:
    """Return where a window stands, and whether it is maximised, for the next time."""
    return base64.b64encode(window.saveGeometry().data()).decode("ascii")


def fit_dialog(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, more where text is larger, or less on a small screen."""
    parent = dialog.parentWidget()
    screen = (parent or dialog).screen()
    scale = max(1.0, application().font().pointSizeF() / FontSize.BODY)
    dialog.resize((QSize(width, height) * scale).boundedTo(_room(screen)))


def _room(screen: QScreen | None) -> QSize:
    """Return the largest size that fits on a screen together with its frame."""
    if screen is None:
        return _FIRST
    return screen.availableGeometry().size() - _FRAME
