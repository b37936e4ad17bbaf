"""The conversations that are kept: open, rename, delete and bring back, save as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QPushButton,
    QTableWidgetItem,
    QWidget,
)

from core import language
from core.conversations import store
from core.conversations.conversation import Conversation
from core.conversations.export import as_markdown
from core.conversations.store import Listed
from core.language import N_, _
from core.library.about import names_of
from core.project import Project
from core.storage.files import write_text
from core.storage.names import folder_name
from gui.jobs.task_thread import Tasks
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import label
from gui.kit.tables import table_to_choose_from
from gui.kit.theme import Space

_COLUMNS = (N_("Conversation"), N_("Questions"), N_("Last changed"))
_LONGEST_TITLE = 200


class History(QWidget):
    """A list, newest first.

    Attributes:
        opened: one is to be continued; its name.
        deleted, renamed: name of the one.
        restored: name of one that is back.
        changed: another one is chosen.
        failed: a ``UserFacingError``.
        told: one sentence that may pass.
        offered: the same, with a button's text and what it does.
    """

    opened = Signal(str)
    deleted = Signal(str)
    renamed = Signal(str, str)
    restored = Signal(str)
    changed = Signal()
    failed = Signal(object)
    told = Signal(str)
    offered = Signal(str, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)
        self._folder = Path()
        self._last: tuple[str, Conversation] | None = None
        self.found: list[Listed] = []
        columns = [_(column) for column in _COLUMNS]
        self.list = table_to_choose_from(_("Conversations"), columns, wide=0)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.itemActivated.connect(lambda _item: self.open_chosen())
        self.list.itemSelectionChanged.connect(self._chosen_changed)
        self.list.itemChanged.connect(self._renamed)
        self.empty = label(_("No conversations yet."), "muted")
        self.rename = self._button(_("Rename"), "edit", self._rename)
        self.export = self._button(_("Save as Markdown …"), "save", self._export)
        self.delete = self._button(_("Delete"), "delete", self.delete_chosen)
        buttons = Flow(self.rename, self.export, self.delete)
        vbox(self.empty, (self.list, 1), buttons, on=self, margins=0, spacing=Space.SMALL)

    def _button(self, text: str, picture: str, do: object) -> QPushButton:
        button = QPushButton(f" {text}")
        button.setIcon(icon(picture))
        button.clicked.connect(lambda _on=False: do())  # type: ignore[operator]
        return button

    def look(self, folder: Path, *, read_only: bool) -> None:
        """Read the folder again."""
        self._folder, self._read_only = folder, read_only
        self._tasks.start(
            "look", lambda: store.list_conversations(folder), self._show, self.failed.emit
        )

    def _show(self, found: Sequence[Listed]) -> None:
        chosen = self.chosen()
        self.found = list(found)
        self.list.blockSignals(True)
        self.list.setRowCount(len(self.found))
        for row, one in enumerate(self.found):
            texts = (one.headline, language.number(one.questions), _when(one.changed))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column or self._read_only:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.list.setItem(row, column, item)
        names = [one.name for one in self.found]
        if names:
            self.list.selectRow(names.index(chosen) if chosen in names else 0)
        self.list.blockSignals(False)
        self.empty.setVisible(not names)
        self.list.setVisible(bool(names))
        self._chosen_changed()

    def chosen(self) -> str:
        """Return the name of the chosen conversation, ``""`` for none."""
        row = self.list.currentRow()
        return self.found[row].name if 0 <= row < len(self.found) else ""

    def _chosen_changed(self) -> None:
        some = bool(self.found)
        self.export.setEnabled(some)
        for button in (self.rename, self.delete):
            button.setEnabled(some and not self._read_only)
        self.changed.emit()

    def open_chosen(self) -> None:
        """Continue the chosen conversation."""
        if self.chosen():
            self.opened.emit(self.chosen())

    def _rename(self) -> None:
        item = self.list.item(self.list.currentRow(), 0)
        if item is not None:
            self.list.setFocus()
            self.list.editItem(item)

    def _renamed(self, item: QTableWidgetItem) -> None:
        name = self.found[item.row()].name
        title = " ".join(item.text().split())[:_LONGEST_TITLE]
        folder = self._folder

        def write() -> None:
            kept = store.load(folder, name)
            store.put_back(folder, name, kept.model_copy(update={"title": title}))

        self.renamed.emit(name, title)
        self._tasks.start("rename", write, lambda _none: self._again(), self.failed.emit)

    def delete_chosen(self) -> None:
        """Delete the chosen conversation; the last one can be brought back."""
        name, folder = self.chosen(), self._folder
        if not name:
            return
        if self.delete.hasFocus():  # one more Return would delete the next
            self.list.setFocus()

        def work() -> tuple[str, Conversation]:
            kept = store.load(folder, name)
            store.delete(folder, name)
            return name, kept

        self._tasks.start("delete", work, self._deleted, self.failed.emit)

    def _deleted(self, last: tuple[str, Conversation]) -> None:
        self._last = last
        self.deleted.emit(last[0])
        said = _("“{title}” is deleted.", title=last[1].headline)
        self.offered.emit(said, _("Undo"), self.undo)
        self._again()

    def undo(self) -> None:
        """Bring back what was deleted last."""
        if self._last is None:
            return
        (name, kept), folder = self._last, self._folder

        def write() -> None:
            store.put_back(folder, name, kept)

        self._last = None
        self._tasks.start("undo", write, lambda _none: self._came_back(name), self.failed.emit)

    def _came_back(self, name: str) -> None:
        self.restored.emit(name)
        self._again()

    def _again(self) -> None:
        self.look(self._folder, read_only=self._read_only)

    def _export(self) -> None:
        name, folder = self.chosen(), self._folder
        if not name:
            return
        headline = self.found[self.list.currentRow()].headline
        suggested = Path.home() / f"{folder_name(headline)}.md"
        target, _kind = QFileDialog.getSaveFileName(
            self,
            _("Save as Markdown …"),
            str(suggested),
            "Markdown (*.md)",  # not shown: a format
        )
        if target:
            self._tasks.start(
                "export",
                lambda: _write(Path(target), folder, name),
                lambda _none: self.told.emit(_("Saved in “{folder}”.", folder=str(Path(target)))),
                self.failed.emit,
            )

    def shut_down(self) -> None:
        """Finish what was begun."""
        self._tasks.shut_down()


def _write(target: Path, folder: Path, name: str) -> None:
    names = names_of(Project(folder.parent))
    write_text(target, as_markdown(store.load(folder, name), names))


def _when(moment: str) -> str:
    try:
        return language.date_and_time(datetime.fromisoformat(moment).astimezone(), "medium")
    except (ValueError, OverflowError, OSError):
        return ""
