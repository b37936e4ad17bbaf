"""A place to drop files on, with a button for those who rather browse."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QWidget

from gui.icons import icon
from gui.theme import Space
from gui.widgets.flow import Flow
from gui.widgets.labels import label, set_look, stacked

_FILTER = (
    "Examples (*.json *.jsonl *.ndjson *.csv *.tsv *.xlsx *.xls *.parquet *.txt *.md *.gz *.zip)"
    ";;All files (*)"
)


class DropArea(QFrame):
    """Takes files and folders.

    Attributes:
        chosen: a list of ``Path``, at least one.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAccessibleName("Drop files of examples here")
        set_look(self, card="neutral")
        self.title = label("", "heading")
        self.text = label("", "muted")
        self.browse = QPushButton(" Choose files …")
        self.browse.setIcon(icon("new"))
        self.browse.clicked.connect(self._browse_files)
        self.folder = QPushButton(" Choose a folder …")
        self.folder.setIcon(icon("folder"))
        self.folder.clicked.connect(self._browse_folder)
        texts = stacked(self.title, self.text)
        row = Flow(texts, self.browse, self.folder, stretch=texts)
        row.setContentsMargins(Space.LARGE, Space.MEDIUM, Space.LARGE, Space.MEDIUM)
        self.setLayout(row)
        self.show_files([])

    def show_files(self, names: list[str]) -> None:
        """Say which files are in use, or invite to drop some."""
        if not names:
            self.title.setText("Drop your file of examples here")
            self.text.setText("JSON, JSONL, CSV, Excel, Parquet or text; also a folder or a zip.")
            return
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        self.title.setText(", ".join(names[:3]) + more)
        self.text.setText("Drop other files to replace it. Your file itself is never changed.")

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

    def _browse_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Choose files of examples", "", _FILTER)
        if names:
            self.chosen.emit([Path(name) for name in names])

    def _browse_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a folder of examples")
        if name:
            self.chosen.emit([Path(name)])
