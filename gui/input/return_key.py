"""Return presses the focused button, as it does everywhere but in Qt's plain windows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ReturnKey(QObject):
    """An event filter for the application: Return and Enter click the push button with focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Click, and swallow the key; everything else passes."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in _KEYS
            and isinstance(watched, QPushButton)
            and watched.isEnabled()
        ):
            if not event.isAutoRepeat():  # held down, it would press the next page's button too
                watched.click()
            return True
        return False
