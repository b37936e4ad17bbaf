"""Ctrl+Z in a text field that has nothing to undo takes back the last change on the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit


class UndoKey(QObject):
    """An event filter for the application: the key reaches the window's shortcut."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep a line from claiming the key for itself; everything else passes."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.matches(QKeySequence.StandardKey.Undo)
            and isinstance(watched, QLineEdit)
            and not watched.isUndoAvailable()
        ):
            event.ignore()
            return True
        return False
