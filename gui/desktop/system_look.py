"""The window follows the system when that turns dark or asks for high contrast."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from gui.shell.window import WizardWindow

_SETTLE_MS = 200  # a system that changes its theme says so several times


class SystemLook(QObject):
    """Draws the window again, unless a look of your own was chosen."""

    def __init__(self, app: QApplication, window: WizardWindow) -> None:
        super().__init__(window)
        self._window = window
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(_SETTLE_MS)
        self._clock.timeout.connect(self._follow)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._changed)

    def _changed(self) -> None:
        if self._window.session.settings.appearance == "system":
            self._clock.start()

    def _follow(self) -> None:
        self._window.restyle()

    def shut_down(self) -> None:
        """Follow no longer."""
        self._clock.stop()
