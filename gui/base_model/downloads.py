"""The downloads that are under way or can be continued, also those of an earlier window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.jobs.status import last_event
from core.library.inventory import Unfinished, delete_unfinished, unfinished
from core.models.hub.listing import Listing
from core.models.hub.store import run_folder
from gui.base_model.download_row import DownloadRow
from gui.input.keyboard import bring_into_sight
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.theme import Space


class Downloads(QWidget):
    """Hidden while there are none.

    Attributes:
        completed: a model is here; carries a ``DownloadResult``.
        refused: a download could not continue; carries its listing and a ``UserFacingError``.
        failed: the disk refuses; carries a ``UserFacingError``.
    """

    completed = Signal(object)
    refused = Signal(object, object)
    failed = Signal(object)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.rows: dict[str, DownloadRow] = {}
        self._lines = vbox(on=self, margins=0, spacing=Space.MEDIUM)
        self.hide()

    def look(self) -> None:
        """Find what an earlier window or a command has begun."""
        self._tasks.start(
            "downloads",
            lambda: [(found, last_event(found.run)) for found in unfinished()],
            self._show,
            self.failed.emit,
        )

    def _show(self, found: list[tuple[Unfinished, object]]) -> None:
        for one, last in found:
            row = self.row_of(one.repo)
            if row is not None and (row.is_running() or not one.is_running):
                continue
            row = row or self._add(DownloadRow(one.run, one.listing))
            if one.is_running:
                row.follow()
            else:
                row.show_kept(one.done, last)
        kept = {one.repo for one, _last in found}
        for row in list(self.rows.values()):  # deleted elsewhere
            if row.listing.repo not in kept and not row.is_running():
                self._remove(row)

    def row_of(self, repo: str) -> DownloadRow | None:
        """Return the download of a model, ``None`` if there is none."""
        return self.rows.get(repo.casefold())

    def start(self, listing: Listing) -> None:
        """Begin a download that was agreed to; of another version, what is equal stays."""
        before = self.row_of(listing.repo)
        if before is not None and before.is_running():
            bring_into_sight(before)
            return
        if before is not None:
            self._remove(before)
        try:
            run = run_folder(listing.repo)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        row = self._add(DownloadRow(run, listing))
        row.start()
        row.pause.setFocus()
        bring_into_sight(row)

    def _add(self, row: DownloadRow) -> DownloadRow:
        self.rows[row.listing.repo.casefold()] = row
        row.completed.connect(self.completed)
        row.failed.connect(lambda error: self.refused.emit(row.listing, error))
        row.discarded.connect(lambda: self._discard(row))
        row.over.connect(lambda: self._remove(row))
        self._lines.addWidget(row)
        self.show()
        return row

    def _discard(self, row: DownloadRow) -> None:
        size = row.listing.size
        download = Unfinished(
            row.listing.repo, row.listing.revision, row.run, 0, size, False, row.listing
        )
        self._tasks.start(
            f"discard {row.listing.repo}",  # not shown: the task's name
            lambda: delete_unfinished(download),
            lambda _none: self._remove(row),
            self.failed.emit,
        )

    def _remove(self, row: DownloadRow) -> None:
        if self.rows.pop(row.listing.repo.casefold(), None) is None:
            return
        row.let_go()
        row.hide()
        self._lines.removeWidget(row)
        row.deleteLater()
        self.setVisible(bool(self.rows))

    def shut_down(self) -> None:
        """Stop following; the downloads themselves continue."""
        for row in self.rows.values():
            row.let_go()
