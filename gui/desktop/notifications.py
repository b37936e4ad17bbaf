"""Messages on the desktop: through the tray icon, else through the desktop's own bus, else none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from core.desktop import show_message
from core.errors import UserFacingError
from gui.jobs.task_thread import Tasks


class Notifications(QObject):
    """Shows messages without ever waiting for the desktop.

    Attributes:
        through_tray: shows a title and a text at the tray icon; ``None`` without one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.through_tray: Callable[[str, str], None] | None = None
        self._tasks = Tasks(self)

    def show(self, title: str, text: str) -> None:
        """Show a message; a desktop that shows none is no error."""
        if self.through_tray is not None:
            self.through_tray(title, text)
        else:
            self._tasks.start(
                f"show {title}",  # not shown: the task's name
                lambda: show_message(title, text),
                lambda _ok: None,
                _nobody,
            )

    def shut_down(self) -> None:
        """Wait for a message that is on its way."""
        self._tasks.shut_down()


def _nobody(_error: UserFacingError) -> None:
    """Nothing is lost with a message that is not shown."""
