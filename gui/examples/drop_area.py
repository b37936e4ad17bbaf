"""A place to drop files on, with buttons to browse for them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QWidget

from core.language import _, in_a_row, ngettext
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space

_PATTERNS = (
    "*.json *.jsonl *.ndjson *.csv *.tsv *.xlsx *.xls *.parquet"
    " *.txt *.md *.pdf *.docx *.epub *.html *.htm *.mbox *.eml *.srt *.vtt *.gz *.zip"
)
_MOST_NAMES = 3


class DropArea(QFrame):
    """Takes files and folders.

    Attributes:
        chosen: a list of ``Path``, at least one.
        added: the same, to be read together with those in use.
    """

    chosen = Signal(object)
    added = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAccessibleName(_("Drop your files of examples here"))
        set_look(self, card="neutral")
        self.title = label("", "heading")
        self.text = label("", "muted")
        self.browse = QPushButton(f" {_('Choose files …')}")
        self.browse.setIcon(icon("new"))
        self.browse.clicked.connect(lambda: self._browse_files(self.chosen))
        self.add = QPushButton(f" {_('Add files …')}")
        self.add.setIcon(icon("new"))
        self.add.clicked.connect(lambda: self._browse_files(self.added))
        self.folder = QPushButton(f" {_('Choose a folder …')}")
        self.folder.setIcon(icon("folder"))
        self.folder.clicked.connect(self._browse_folder)
        texts = stacked(self.title, self.text)
        row = Flow(texts, self.add, self.browse, self.folder, stretch=texts)
        row.setContentsMargins(Space.LARGE, Space.MEDIUM, Space.LARGE, Space.MEDIUM)
        self.setLayout(row)
        self._place = Path.home()  # where the next dialog opens
        self.show_files([])

    def show_files(self, names: list[str]) -> None:
        """Say which files are in use, or ask for some."""
        self.add.setVisible(bool(names))
        if not names:
            self.title.setText(_("Drop your files of examples here"))
            self.text.setText(
                _(
                    "JSON, JSONL, CSV, Excel, Parquet, text, PDF or Word files, a folder or a ZIP "
                    "archive."
                )
            )
            return
        self.title.setText(_names_in_words(names))
        self.text.setText(
            ngettext(
                "Drop other files to replace it. Your own file is never changed.",
                "Drop other files to replace them. Your own files are never changed.",
                len(names),
            )
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files of this computer."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            set_look(self, card="good")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Look as before."""
        set_look(self, card="neutral")
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped files."""
        set_look(self, card="neutral")
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.chosen.emit(paths)

    def _browse_files(self, told: SignalInstance) -> None:
        title, kinds = _("Choose files of examples"), f"{_('Examples')} ({_PATTERNS})"
        names, _kind = QFileDialog.getOpenFileNames(
            self, title, str(self._place), f"{kinds};;{_('All files')} (*)"
        )
        if names:
            self._take([Path(name) for name in names], told)

    def _browse_folder(self) -> None:
        title = _("Choose a folder of examples")
        name = QFileDialog.getExistingDirectory(self, title, str(self._place))
        if name:
            self._take([Path(name)], self.chosen)

    def _take(self, paths: list[Path], told: SignalInstance) -> None:
        self._place = paths[0].parent
        told.emit(paths)


def _names_in_words(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    if more <= 0:
        return in_a_row(names)
    first = ", ".join(names[:_MOST_NAMES])
    return ngettext("{names} and {count:,} more", "{names} and {count:,} more", more, names=first)
