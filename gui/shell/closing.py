"""What happens to a run when the window is closed, or the desktop logs out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from core.jobs.link import Request
from core.jobs.supervisor import Supervisor
from core.queue.entries import is_at_work, live_training
from gui.kit.theme import application
from gui.shell.closing_dialog import ClosingChoice, ClosingDialog
from gui.wizard.session import Session

_USED = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.NonClientAreaMouseButtonPress,
)


class Closing(QObject):
    """Asks what the run should do, unless that is known.

    Attributes:
        stays_in_tray: closed during a run, the window hides and the application stays.
        leaving: the window is really to be closed, without a question.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.stays_in_tray = self.leaving = False

    def choice(self) -> ClosingChoice | None:
        """What happens to the run; ``None`` when there is nothing to decide."""
        session = self._session
        if session.project is None or session.read_only or not is_at_work(session.project):
            return None
        if self.leaving:
            return ClosingChoice.GO_ON
        choice = ClosingDialog.ask(session, self._window, in_tray=self.stays_in_tray)
        if choice is ClosingChoice.PAUSE:
            self._pause_training()
        return choice

    def hides(self, choice: ClosingChoice | None) -> bool:
        """Return whether the window only hides: the run is followed from the tray."""
        return choice is ClosingChoice.GO_ON and self.stays_in_tray and not self.leaving

    def log_out(self) -> None:
        """The desktop's session ends: nothing is asked, what the preferences say is done.

        A cancelled log-out is not reported; the next key or click in the window shows it.
        """
        self.leaving = True
        application().installEventFilter(self)
        if self._session.settings.when_closing == "pause":
            self._pause_training()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After a log-out: the first key or click says that it did not take place."""
        if event.type() in _USED:
            self.stay()
        return super().eventFilter(watched, event)

    def stay(self) -> None:
        """Ask again when the window is closed."""
        self.leaving = False
        application().removeEventFilter(self)

    def _pause_training(self) -> None:
        project = self._session.project
        run = live_training(project) if project is not None else None
        if run is not None:
            Supervisor(run).ask(Request.PAUSE)
