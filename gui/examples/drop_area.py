"""A place to drop files on, with buttons to browse for them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QWidget

from core.actions.pasted import TEMPLATE
from core.language import _, in_a_row, ngettext
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label, set_look, stacked
from gui.kit.theme import Space, application

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
        pasted: the text of the clipboard, a table.
        template_wanted: carries the ``Path`` at which a template is to be written.
    """

    chosen = Signal(object)
    added = Signal(object)
    pasted = Signal(str)
    template_wanted = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAccessibleName(_("Drop your files of examples here"))
        self._look = "drop"
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
        self.paste = QPushButton(_("Paste a table"))
        self.paste.clicked.connect(lambda: self.pasted.emit(application().clipboard().text()))
        self.template = QPushButton(_("Save a template …"))
        self.template.clicked.connect(self._save_template)
        for button in (self.paste, self.template):
            button.setProperty("kind", "link")
        self._buttons = Flow(self.browse, self.add, self.folder, self.paste, self.template)
        self._column = vbox(
            stacked(self.title, self.text),
            self._buttons,
            on=self,
            margins=(Space.CARD, Space.MEDIUM),
            spacing=Space.MEDIUM,
        )
        self._place = Path.home()  # where the next dialog opens
        self.show_files([])

    def show_files(self, names: list[str]) -> None:
        """Say which files are in use, or ask for some."""
        for button in (self.add, self.folder, self.template):
            button.setVisible(bool(names) == (button is self.add))
        for button in (self.add, self.browse):
            set_look(button, kind="link" if names else "")
        set_look(self.title, role="strong" if names else "heading")
        set_look(self.text, role="small" if names else "muted")
        self._look = "true" if names else "drop"
        set_look(self, card=self._look)
        around = Space.CARD if names else Space.HUGE
        self._column.setContentsMargins(around, around, around, around)
        if not names:
            self.title.setText(_("Drop your files of examples here"))
            self.text.setText(
                _(
                    "A table with a question and an answer in each row is enough; fifty rows are a "
                    "start, some hundreds are better. Excel, CSV, JSON, Parquet, text, PDF or Word "
                    "files, a folder or a ZIP archive. They stay on this computer."
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
        set_look(self, card=self._look)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped files."""
        set_look(self, card=self._look)
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

    def _save_template(self) -> None:
        kind = "CSV (*.csv)"  # not shown as a sentence: a format's name
        place = str(self._place / TEMPLATE)
        name, _kind = QFileDialog.getSaveFileName(self, _("Save a template"), place, kind)
        if name:
            self.template_wanted.emit(Path(name))

    def _take(self, paths: list[Path], told: SignalInstance) -> None:
        self._place = paths[0].parent
        told.emit(paths)


def _names_in_words(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    if more <= 0:
        return in_a_row(names)
    first = ", ".join(names[:_MOST_NAMES])
    return ngettext("{names} and {count:,} more", "{names} and {count:,} more", more, names=first)
