"""What is worth a message during a run, in words; and who shows it when no window does."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from core.desktop import show_message
from core.errors import UserFacingError
from core.events import Event, Failed, Finished, Started, StateChanged
from core.language import _
from core.project import Project, RunFolder

_LAST_SECONDS = 3.0  # the desktop answers within two or never


@dataclass(frozen=True, slots=True)
class Announcement:
    """A title and a text to show."""

    title: str
    text: str


def message_about(event: StateChanged | Finished | Failed, run: RunFolder) -> Announcement:
    """Return the message about what happened to ``run``."""
    title: str
    text: str
    match event:
        case StateChanged(state="paused", by_itself=True):
            title = _("Training is waiting")
            text = _("{reason} It continues automatically.", reason=event.reason)
        case StateChanged(state="paused"):
            title, text = _("Training is paused"), event.reason
        case StateChanged():
            title, text = _("Training continues"), ""
        case Failed():
            title = _("Training failed")
            text = _("{what} {todo}", what=event.what, todo=event.todo)
        case Finished():
            title, text = _("Training is done"), _("The best version is saved.")
    return Announcement(title, _("{run}: {text}", run=run.name, text=text) if text else "")


class Messenger:
    """Speaks for a run whose project is open in no window and no terminal.

    A context manager; at its end it waits a moment for what is on its way. The run itself
    never waits for the desktop.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._trains = False
        self._sending: list[threading.Thread] = []

    def hear(self, event: Event) -> None:
        """Take what the job tells."""
        if isinstance(event, Started):
            self._trains = event.job == "train"
        if not self._trains:
            return
        match event:  # not what you did, and not a log-out, which must not take long
            case StateChanged(state="paused", by_itself=True) | Finished():
                self._tell(message_about(event, self._run))
            case Failed() if event.code != "job.ended":
                self._tell(message_about(event, self._run))

    def _tell(self, message: Announcement) -> None:
        thread = threading.Thread(target=self._send, args=(message,), daemon=True)
        thread.start()
        self._sending = [other for other in (*self._sending, thread) if other.is_alive()]

    def _send(self, message: Announcement) -> None:
        if _nobody_watches(self._run):
            show_message(message.title, message.text)

    def __enter__(self) -> Messenger:
        return self

    def __exit__(self, *_exit: object) -> None:
        deadline = time.monotonic() + _LAST_SECONDS
        for thread in self._sending:
            thread.join(max(0.0, deadline - time.monotonic()))


def _nobody_watches(run: RunFolder) -> bool:
    """Whether no window and no command has the project open; both tell the news themselves."""
    try:
        Project.of_run(run).lock().release()
    except UserFacingError:
        return False
    return True
