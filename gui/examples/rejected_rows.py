"""Examples that you rejected while they were trained on, found again in the draft."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.data.versions.rejection import rows_of_examples
from gui.jobs.task_thread import Tasks as Threads
from gui.rows.outliers import Rejection
from gui.wizard.page import Page


class RejectedRows(QObject):
    """Keeps a rejection until the draft is open, then looks for its rows.

    Attributes:
        found: the rows' numbers, a list.
    """

    found = Signal(object)

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._threads = Threads(self)
        self._rejection: Rejection | None = None

    def take(self, rejection: Rejection) -> None:
        """Keep it for :meth:`follow`."""
        self._rejection = rejection

    def follow(self, folder: Path) -> None:
        """Look for what was rejected, if anything was, in the draft of ``folder``."""
        rejection, self._rejection = self._rejection, None
        if rejection is None:
            return
        self._threads.start(
            "rejection",
            lambda: rows_of_examples(folder, rejection.version, rejection.examples),
            self.found.emit,
            self._page.failed.emit,
        )

    def shut_down(self) -> None:
        """Wait for what is being looked for."""
        self._threads.shut_down()
