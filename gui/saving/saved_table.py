"""What has been saved of a fine-tune, one row each, failed savings too."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QTableWidgetItem, QWidget

from core.export.saves.listing import SavedForm
from core.export.saves.wording import COLUMNS, cells, folder_text
from core.jobs.likeness import Verdict
from core.language import _
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, plain_tip, selectable, set_look
from gui.kit.tables import table_to_choose_from
from gui.kit.theme import Space

_SIGNS = {Verdict.SAME: "✓", Verdict.SIMILAR: "≈", Verdict.DIFFERENT: "✗"}
_FIGURES = (1, 2, 3)
_VERDICT, _FOLDER = 4, 5
_LESSER = (2, 3, 1)  # columns that go first where there is no room for all
_ROWS_IN_SIGHT = 6


class SavedTable(QFrame):
    """Hidden while nothing was saved.

    Attributes:
        opened: a :class:`SavedForm` whose answers are wanted.
    """

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.saved: list[SavedForm] = []
        name = _("Saved so far")
        columns = [_(column) for column in COLUMNS]
        self.table = table_to_choose_from(name, columns, wide=_VERDICT)
        self.table.setColumnHidden(_FOLDER, True)  # a path is longer than any table is wide
        self.table.setAlternatingRowColors(True)
        self.table.itemActivated.connect(lambda _item: self._open())
        self.table.itemSelectionChanged.connect(self._chosen_changed)
        self.folder = selectable(role="muted")
        self.open = QPushButton(_("Show the answers …"))
        self.open.clicked.connect(self._open)
        vbox(
            label(name, "heading"),
            self.table,
            Flow(self.folder, self.open, stretch=self.folder),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )
        self.hide()

    def show_saved(self, saved: Sequence[SavedForm]) -> None:
        """Show these rows; the chosen one stays chosen."""
        before = self.chosen()
        self.saved = list(saved)
        self.table.setRowCount(len(self.saved))
        for row, one in enumerate(self.saved):
            for column, text in enumerate(cells(one)):
                self.table.setItem(row, column, _item(one, column, text))
        jobs = [one.job for one in self.saved]
        if self.saved:
            self.table.selectRow(jobs.index(before.job) if before and before.job in jobs else 0)
        self._fit_columns()
        self._fit_height()
        self.setVisible(bool(self.saved))
        self._chosen_changed()

    def _fit_height(self) -> None:
        rows = min(len(self.saved), _ROWS_IN_SIGHT)
        line = self.table.verticalHeader().defaultSectionSize()
        head = self.table.horizontalHeader().sizeHint().height()
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(head + rows * line + bar + Space.TINY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width holds other columns."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Show as many columns as have room; what is left out stands with the answers."""
        header, shown = self.table.horizontalHeader(), list(range(_FOLDER))
        room = self.width() - 2 * Space.LARGE - 2 * Space.TINY
        for column in shown:
            self.table.setColumnHidden(column, False)
        wide = {
            one: max(header.sectionSizeHint(one), self.table.sizeHintForColumn(one))
            for one in shown
        }
        for column in _LESSER:
            if sum(wide.values()) > room:
                self.table.setColumnHidden(column, True)
                del wide[column]

    def chosen(self) -> SavedForm | None:
        """Return the chosen row."""
        row = self.table.currentRow()
        return self.saved[row] if 0 <= row < len(self.saved) else None

    def _chosen_changed(self) -> None:
        chosen = self.chosen()
        self.open.setEnabled(chosen is not None)
        self.folder.setText(folder_text(chosen) if chosen is not None else "")

    def _open(self) -> None:
        chosen = self.chosen()
        if chosen is not None:
            self.opened.emit(chosen)


def _item(saved: SavedForm, column: int, text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(f"{_SIGNS[saved.verdict]} {text}" if column == _VERDICT else text)
    item.setToolTip(plain_tip(saved.reason if column == _VERDICT and saved.reason else text))
    if column in _FIGURES:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
