"""Where the keyboard begins on a page, and when the window comes up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QMainWindow, QPushButton

from gui.input.keyboard import Keyboard
from gui.wizard.page import Page


class FirstFocus(QObject):
    """Begins where the user will most likely continue.

    Args:
        primary: returns the window's main button, which is made again with the window.
        shown: returns the page that is shown.
    """

    def __init__(
        self,
        window: QMainWindow,
        keyboard: Keyboard,
        primary: Callable[[], QPushButton],
        shown: Callable[[], Page | None],
    ) -> None:
        super().__init__(window)
        self._window, self._keyboard = window, keyboard
        self._primary, self._shown = primary, shown
        self._was_active = False
        window.installEventFilter(self)

    def begin_on(self, page: Page) -> None:
        """Move the keyboard to where the page begins."""
        primary = self._primary()
        if page.begins_with_verb() and primary.isEnabled() and not primary.isHidden():
            primary.setFocus()
        elif page.is_busy() or not page.focus_first():
            # On no button: one Return too many would go back.
            self._keyboard.wait_for(primary if page.begins_with_verb() else None, page)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin on the page when the window comes up; Qt would begin with the first step."""
        is_first = event.type() is QEvent.Type.ActivationChange and not self._was_active
        if is_first and self._window.isActiveWindow():
            self._was_active = True
            QTimer.singleShot(0, self, self._begin)
        return super().eventFilter(watched, event)

    def _begin(self) -> None:
        page, now = self._shown(), self._window.focusWidget()
        inside = page is not None and now is not None and page.isAncestorOf(now)
        if page is not None and now is not self._primary() and not inside:
            self.begin_on(page)
