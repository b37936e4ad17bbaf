"""The shape of a dialog that fetches something: what it is, a bar and a note, buttons, Close."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLayout,
    QProgressBar,
    QPushButton,
    QWidget,
)

from core.contract import JobParams
from core.errors import UserFacingError
from core.events import Failed, Finished, Notice, Progress, Transfer
from core.jobs.link import Request
from core.jobs.supervisor import is_alive
from core.language import _
from core.project import RunFolder
from gui.jobs.followed_job import FollowedJob
from gui.jobs.task_thread import Tasks
from gui.jobs.transfer_text import how_far
from gui.kit.boxes import Part, vbox
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space

_PARTS = 1000


class FetchingDialog(QDialog):
    """Its job outlives the dialog and the window.

    Attributes:
        requests: the buttons that ask the job for something.
    """

    def __init__(self, title: str, folder: RunFolder, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._folder = folder
        self._tasks = Tasks(self)
        self._job = FollowedJob(self)
        self._job.event.connect(self._take)
        self._job.ended.connect(self._ended)
        self.bar = QProgressBar()
        self.bar.setRange(0, _PARTS)
        self.bar.setAccessibleName(_("Progress"))
        self.note = label("", "muted")
        self.message = MessageBar(dismissable=False)
        self.requests: list[QPushButton] = []
        self.pause = self._request(f" {_('Pause')}", Request.STOP)
        self.pause.setIcon(icon("pause"))

    def _request(self, text: str, request: Request) -> QPushButton:
        """Return a button that asks the job for something."""
        button = QPushButton(text)
        button.clicked.connect(lambda: self._ask(request))
        self.requests.append(button)
        return button

    def _stack(self, content: QLayout, *below: Part) -> None:
        """Lay out what scrolls, and below it the message, the rest and *Close*."""
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        page = QWidget()
        scrolled(page, content)
        vbox(
            (page, 1), self.message, *below, buttons,
            on=self, margins=Space.LARGE, spacing=Space.MEDIUM,
        )  # fmt: skip
        self._show_state()

    def _is_alive(self) -> bool:
        """Return whether a job from before still runs."""
        return is_alive(self._folder)

    def _follow(self, params: JobParams[Any] | None) -> None:
        """Start the job, or follow the one that runs."""
        self.message.hide()
        self._job.follow(self._folder, params)
        self._show_state()

    def _ask(self, request: Request) -> None:
        for button in self.requests:
            button.setEnabled(False)
        self._job.ask(request)

    def _take(self, event: object) -> None:
        if isinstance(event, Notice):
            self.note.setText(event.text)
        elif isinstance(event, Progress):
            self.note.setText(event.phase)
            self.bar.setRange(0, 0)  # how long it takes is not known
        elif isinstance(event, Transfer):
            self.bar.setRange(0, _PARTS)
            self.bar.setValue(min(_PARTS, round(_PARTS * event.done / max(1, event.total))))
            self.note.setText(how_far(event))

    def _ended(self, last: Finished | Failed) -> None:
        """Say how it ended."""
        raise NotImplementedError

    def _refused(self, error: UserFacingError) -> None:
        self.message.say_error(error)
        self._show_state()

    def _show_state(self) -> None:
        """Show what belongs to a job that runs."""
        running = self._job.is_running()
        for widget in (self.bar, *self.requests):
            widget.setVisible(running)
            widget.setEnabled(True)

    def done(self, result: int) -> None:
        """Stop following; the job itself continues."""
        self._job.let_go()
        self._tasks.shut_down()
        super().done(result)
