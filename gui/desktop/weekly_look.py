"""Once a week, for those who asked for it: is there a newer version? Never during a run."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from core.actions.updates import look_for_update
from core.installation.updates.looking import Offered, is_due, last_look, remember_told
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.shell.window import WizardWindow

_FIRST_MS = 60_000  # the window has other things to do at first
_AGAIN_MS = 3_600_000


class WeeklyLook(QObject):
    """Offers a new version once, by a message that goes away.

    Args:
        look: asks for newer versions, in a thread of its own.
    """

    def __init__(self, window: WizardWindow, look: Callable[[], Offered] = look_for_update) -> None:
        super().__init__(window)
        self._window, self._look = window, look
        self._tasks = Tasks(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look_if_due)

    def start(self) -> None:
        """Begin to wait for the week to pass."""
        self._timer.start(_FIRST_MS)

    def look_if_due(self) -> None:
        """Look, if that is wanted and due and no run is in progress; failures are silent."""
        self._timer.setInterval(_AGAIN_MS)
        wanted = self._window.session.settings.look_weekly
        if wanted and self._window.news.run is None and is_due():
            self._tasks.start("look", self._look, self._offer, lambda _error: None)

    def _offer(self, offered: Offered) -> None:
        newest = offered.newest
        if newest is None or newest.version == last_look().told:
            return
        remember_told(newest.version)
        text = _("Version {version} is available.", version=newest.version)
        show = self._window.overlays.show_updates
        self._window.toast.say(text, _("Show"), lambda: show(offered))

    def shut_down(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._tasks.shut_down()
