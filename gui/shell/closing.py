"""What happens to a run when the window is closed, or the desktop logs out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from core.jobs.link import Request, read_request
from core.jobs.log_out import ends_without_signal, log_out_waits, save_before_log_out
from core.jobs.supervisor import Supervisor
from core.language import _
from core.project import RunFolder
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
        self._held: RunFolder | None = None  # what only a log-out made pause

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
        if ends_without_signal():
            self._save_training()

    def _save_training(self) -> None:
        run = self._training()
        if run is None:
            return
        self._held = run if read_request(run.control_file) is Request.RUN else None
        with log_out_waits(int(self._window.winId()), _("The run is being saved.")):
            save_before_log_out(run)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After a log-out: the first key or click says that it did not take place."""
        if event.type() in _USED:
            self.stay()
        return super().eventFilter(watched, event)

    def stay(self) -> None:
        """Ask again when the window is closed."""
        self.leaving = False
        application().removeEventFilter(self)
        if self._held is not None:
            Supervisor(self._held).ask(Request.RUN)
            self._held = None

    def _pause_training(self) -> None:
        run = self._training()
        if run is not None:
            Supervisor(run).ask(Request.PAUSE)

    def _training(self) -> RunFolder | None:
        project = self._session.project
        return live_training(project) if project is not None else None
