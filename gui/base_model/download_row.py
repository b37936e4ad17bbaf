"""One download: how far it is, pause, resume, cancel; what it failed with and what helps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QWidget

from core.errors import UserFacingError
from core.events import Failed, Finished, Notice, Transfer
from core.jobs.link import Request
from core.language import _
from core.models.hub.connection import chosen_endpoint
from core.models.hub.download import DownloadParams
from core.models.hub.listing import Listing
from core.project import RunFolder
from core.wording import gigabytes
from gui.jobs.job_thread import JobThread
from gui.jobs.transfer_text import how_far
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look
from gui.kit.message_bar import MessageBar
from gui.kit.question import Question
from gui.kit.theme import Space

_PARTS = 1000


class DownloadRow(QFrame):
    """Follows the job in a child process, which outlives the window.

    To pause it is to stop it: what it has collected stays, and no process waits in the background.

    Attributes:
        completed: the model is here; carries a ``DownloadResult``.
        failed: it could not continue; carries a ``UserFacingError``.
        discarded: what it has collected is to be deleted.
        over: nothing of it is left to be shown.
    """

    completed = Signal(object)
    failed = Signal(object)
    discarded = Signal()
    over = Signal()

    def __init__(self, run: RunFolder, listing: Listing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run, self.listing = run, listing
        self.error: UserFacingError | None = None
        self._thread: JobThread | None = None
        set_look(self, card="neutral")
        self._done = 0
        self.note = label("")
        self.bar = QProgressBar()
        self.bar.setRange(0, _PARTS)
        self.bar.setAccessibleName(_("Progress"))
        self.outlives = label(_("The download continues when you close the window."), "muted")
        self.message = MessageBar(dismissable=False)
        self.pause = QPushButton(f" {_('Pause')}")
        self.pause.setIcon(icon("pause"))
        self.pause.clicked.connect(self._ask_to_pause)
        self.resume = QPushButton(f" {_('Resume')}")
        self.resume.setIcon(icon("play"))
        self.resume.clicked.connect(self.start)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.clicked.connect(self._ask_whether_to_cancel)
        named = label(_("Download of {model}", model=listing.repo), "heading")
        vbox(
            Flow(
                named, self.pause, self.resume, self.cancel, stretch=named, letters=60, at_end=True
            ),
            self.bar,
            self.note,
            self.outlives,
            self.message,
            on=self,
            margins=Space.CARD,
        )
        self._show_buttons()

    def is_running(self) -> bool:
        """Return whether the job is being followed."""
        return self._thread is not None

    def start(self) -> None:
        """Begin, or continue with what is on the disk."""
        try:
            endpoint = chosen_endpoint()
        except UserFacingError as error:
            self._say_error(error)
            return
        self._follow(DownloadParams(listing=self.listing, endpoint=endpoint.url))

    def follow(self) -> None:
        """Follow the job that another window, or this one before, has started."""
        self._follow(None)

    def show_kept(self, done: int, last: object = None) -> None:
        """Show a download that nobody works on; ``last`` is the last event of its job."""
        self._done = done
        self.note.setText(
            _(
                "{done} of {total} downloaded. You can resume it at any time.",
                done=gigabytes(done),
                total=gigabytes(self.listing.size),
            )
        )
        self._show_share(done, self.listing.size)
        if isinstance(last, Failed):
            self._say_error(last.as_error())
        self._show_buttons()

    def _follow(self, params: DownloadParams | None) -> None:
        self.let_go()
        self.error = None
        self.message.hide()
        self.note.setText(_("Connecting …") if params else "")
        self._thread = JobThread(self.run, params, parent=self)
        self._thread.event.connect(self._take)
        self._thread.ended.connect(self._ended)
        self._show_buttons()
        self._thread.start()

    def _take(self, event: object) -> None:
        if isinstance(event, Notice):
            self.note.setText(event.text)
        elif isinstance(event, Transfer):
            if event.phase != "checking":
                self._done = event.done
            self.note.setText(how_far(event))
            self._show_share(event.done, event.total)

    def _show_share(self, done: int, total: int) -> None:
        self.bar.setValue(min(_PARTS, round(_PARTS * done / max(1, total))))

    def _ended(self, last: Finished | Failed) -> None:
        self.let_go()
        if isinstance(last, Failed):
            self.show_kept(self._done, last)
            self.failed.emit(self.error)
        elif last.outcome == "completed":
            self.completed.emit(last.result)
            self.over.emit()
        elif last.outcome == "stopped":
            self.show_kept(getattr(last.result, "kept", self._done))
        else:
            self.over.emit()

    def _say_error(self, error: UserFacingError) -> None:
        self.error = error
        self.message.say_error(error)

    def _show_buttons(self) -> None:
        running = self.is_running()
        had_focus = self.pause.hasFocus() or self.resume.hasFocus()
        self.pause.setVisible(running)
        self.pause.setEnabled(running)
        self.resume.setVisible(not running)
        self.outlives.setVisible(running)
        self.cancel.setEnabled(True)
        if had_focus:
            (self.pause if running else self.resume).setFocus()

    def _ask_to_pause(self) -> None:
        if self._thread is not None:
            self.pause.setEnabled(False)
            self._thread.ask(Request.STOP)

    def _ask_whether_to_cancel(self) -> None:
        what = _("Delete the {size} downloaded so far?", size=gigabytes(self._done))
        answers = ((_("Keep it"), lambda: None), (_("Cancel the download"), self._discard))
        self.message.ask(Question(what, _("A paused download can be resumed instead."), answers))

    def _discard(self) -> None:
        self.cancel.setEnabled(False)
        if self._thread is not None:
            self._thread.ask(Request.CANCEL)
        else:
            self.discarded.emit()

    def let_go(self) -> None:
        """Stop following; the job itself continues."""
        if self._thread is not None:
            self._thread.let_go()
            self._thread.deleteLater()
            self._thread = None
