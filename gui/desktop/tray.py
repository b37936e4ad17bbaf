"""The icon in the system tray: stays while a run continues without the window."""

from __future__ import annotations

import html
import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.language import _
from gui.kit.icons import icon
from gui.kit.labels import plain_tip

_NAME = "Homelab Tuner"  # not shown as a sentence: the product's name


def tray_available() -> bool:
    """Return whether this desktop has a tray."""
    return QSystemTrayIcon.isSystemTrayAvailable()


class Tray(QObject):
    """An icon with a menu; its owner decides what the entries do.

    Attributes:
        opened: the window is wanted.
        paused: the run should pause, or resume.
        quit: the application should end; a run continues.
    """

    opened = Signal()
    paused = Signal()
    quit = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.icon = QSystemTrayIcon(icon("app"), self)
        self.menu = QMenu()
        self.status = self.menu.addAction("")
        self.status.setEnabled(False)
        self.menu.addSeparator()
        self.open = self.menu.addAction("", self.opened.emit)
        self.pause = self.menu.addAction("", self.paused.emit)
        self.leave = self.menu.addAction("", self.quit.emit)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(self.opened)
        self.show_status("", paused=False)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        clicks = QSystemTrayIcon.ActivationReason
        if reason in (clicks.Trigger, clicks.DoubleClick):
            self.opened.emit()

    def show_status(self, status: str, *, paused: bool) -> None:
        """Show how far the run is, in the present language."""
        self.status.setText(status or _("No run in progress"))
        self.icon.setToolTip(plain_tip(f"{_NAME}: {status}" if status else _NAME))
        self.open.setText(_("Open Homelab Tuner"))
        self.pause.setEnabled(bool(status))
        self.pause.setText(_("Resume the run") if paused else _("Pause the run"))
        self.leave.setText(_("Quit (a run continues)"))

    def show_message(self, title: str, text: str) -> None:
        """Show a message at the icon."""
        # Desktops there read markup in the text.
        plain = html.escape(text, quote=False) if sys.platform.startswith("linux") else text
        self.icon.showMessage(title, plain, icon("app"))

    def show(self) -> None:
        """Show the icon."""
        self.icon.show()

    def shut_down(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.menu.deleteLater()
