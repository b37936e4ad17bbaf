"""The application without its window: tray icon, notifications, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from core.errors import UserFacingError
from core.jobs.link import Request
from core.jobs.supervisor import Supervisor
from core.language import _
from gui.desktop.notifications import Notifications
from gui.desktop.server_menu import ServerMenu
from gui.desktop.tray import Tray, tray_available
from gui.shell.training_news import News, NewsKind
from gui.shell.window import WizardWindow

_TOLD = frozenset({NewsKind.DONE, NewsKind.FAILED, NewsKind.PAUSED})


class Background(QObject):
    """Keeps the application alive in the tray during a run; without a tray, not at all.

    Attributes:
        tray: ``None`` on a desktop that has none.
    """

    def __init__(self, app: QApplication, window: WizardWindow) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        self.notifications = Notifications(self)
        self.tray = Tray(self) if tray_available() else None
        window.closing.stays_in_tray = self.tray is not None
        window.news.told.connect(self._tell)
        window.went_to_tray.connect(self._stay)
        if self.tray is not None:
            self.notifications.through_tray = self.tray.show_message
            self.tray.opened.connect(self.come_back)
            self.tray.paused.connect(self._pause_or_go_on)
            self.tray.quit.connect(self.leave)
            self.server = ServerMenu(self.tray.menu, self.tray.leave, window)
            self.server.failed.connect(self._tell_refusal)
            window.news.looked.connect(self._show_status)
            window.session.look_changed.connect(self._show_status)
            self.tray.show()

    def _tell(self, news: News) -> None:
        if news.kind in _TOLD and not self._window.isActiveWindow():
            self.notifications.show(news.title, news.text)

    def _tell_refusal(self, error: UserFacingError) -> None:
        if not self._window.isActiveWindow():
            self.notifications.show(error.what, error.todo)

    def _show_status(self) -> None:
        if self.tray is not None:
            news = self._window.news
            self.tray.show_status(news.status, paused=news.paused)

    def _pause_or_go_on(self) -> None:
        news = self._window.news
        if news.run is not None and not self._window.session.read_only:
            Supervisor(news.run).ask(Request.RUN if news.paused else Request.PAUSE)

    def _stay(self) -> None:
        self._app.setQuitOnLastWindowClosed(False)
        if not self._window.session.settings.tray_told:
            self._window.session.change_settings(tray_told=True)
            self.notifications.show(
                _("Training continues"),
                _("Homelab Tuner stays in the system tray. Click its icon to come back."),
            )

    def come_back(self) -> None:
        """Show the window again."""
        self._app.setQuitOnLastWindowClosed(True)
        bring_to_front(self._window)

    def leave(self) -> None:
        """End the application without asking; a run continues."""
        self._window.closing.leaving = True
        self._window.close()
        self._app.quit()

    def shut_down(self) -> None:
        """Take the icon away and let messages go."""
        if self.tray is not None:
            self.tray.shut_down()
        self.notifications.shut_down()


def bring_to_front(window: WizardWindow) -> None:
    """Show the window above all others."""
    window.closing.stay()
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
