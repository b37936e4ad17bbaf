"""A field that looks for words in the rows of a draft, beside the window's thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from core.data.draft import Draft
from core.data.draft_rows import rows_holding
from core.errors import UserFacingError
from core.language import _
from gui.jobs.task_thread import Tasks
from gui.kit.icons import icon
from gui.kit.theme import colors

_PAUSE_MS = 250  # after the last letter


class RowSearch(QLineEdit):
    """Looks as soon as you stop typing.

    Attributes:
        rows: what was found, ``None`` while nothing is wanted.
        found: ``rows`` are others.
    """

    found = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: NDArray[np.int64] | None = None
        self._draft: Draft | None = None
        self._tasks = Tasks(self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.setPlaceholderText(_("Search in questions and answers"))
        self.setAccessibleName(_("Search in questions and answers"))
        self.setClearButtonEnabled(True)
        self.addAction(icon("search", colors().muted), QLineEdit.ActionPosition.LeadingPosition)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(self.placeholderText())
        self.textChanged.connect(lambda _text: self._pause.start())
        self.shut_down = self._tasks.shut_down

    def show_draft(self, draft: Draft | None) -> None:
        """Look in this draft from now on."""
        if draft is not self._draft:
            self._draft, self.rows = draft, None
            if self.text().strip():
                self._pause.start()

    def _look(self) -> None:
        draft, wanted = self._draft, self.text()
        if draft is None or not wanted.strip():
            self._take(draft, None)
            return
        folder, name = draft.folder.parent, draft.name

        def look() -> NDArray[np.int64] | None:
            with Draft(folder) as own:  # a draft belongs to one thread
                if own.name != name:
                    return None
                return np.array(list(rows_holding(own.lines(range(len(own))), wanted)), np.int64)

        self._tasks.start(
            "search", look, lambda rows: self._take(draft, rows), self._nothing_is_there
        )

    def _take(self, draft: Draft | None, rows: NDArray[np.int64] | None) -> None:
        if draft is self._draft:
            self.rows = rows
            self.found.emit()

    def _nothing_is_there(self, _error: UserFacingError) -> None:
        """The draft is gone or damaged, which the page says itself."""
