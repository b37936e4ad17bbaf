"""A plot as a table, for those who read better than they see lines or bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHeaderView, QPushButton, QTableView, QWidget

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog

_SIZE = (760, 520)

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Values:
    """What a plot shows.

    Attributes:
        title: what the plot is called.
        columns: their names; the first says where on the horizontal axis.
        rows: how many.
        text: the text of a row and a column; empty where nothing was measured.
    """

    title: str
    columns: Sequence[str]
    rows: int
    text: Callable[[int, int], str]


class ValueModel(QAbstractTableModel):
    """A row for each place on the horizontal axis, a column for each line; gaps are empty."""

    def __init__(self, values: Values) -> None:
        super().__init__()
        self._values = values

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of places."""
        return 0 if parent.isValid() else self._values.rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the place's column and one for each line."""
        return 0 if parent.isValid() else len(self._values.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return self._values.columns[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and for screen readers the same with the column's name."""
        roles = Qt.ItemDataRole
        if not index.isValid() or role not in (roles.DisplayRole, roles.AccessibleTextRole):
            return None
        text = self._values.text(index.row(), index.column())
        if role == roles.AccessibleTextRole and index.column() and text:
            return _("{name}: {value}", name=self._values.columns[index.column()], value=text)
        return text


class ValueTable(QDialog):
    """Shows the values as they are now.

    Args:
        newest_last: begin at the end, where the newest are.
    """

    def __init__(self, values: Values, parent: QWidget, *, newest_last: bool = False) -> None:
        super().__init__(parent)
        self._newest_last = newest_last
        self.setWindowTitle(values.title)
        fit_dialog(self, *_SIZE)
        self.table = QTableView()
        self.table.setAccessibleName(values.title)
        self.table.setModel(ValueModel(values))
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        vbox(
            label(values.title, "title"),
            (self.table, 1),
            hbox(1, self.close_button),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        self.finished.connect(self.deleteLater)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the newest: only now it is known how many rows are in view."""
        super().showEvent(event)
        if self._newest_last:
            QTimer.singleShot(0, self.table, self.table.scrollToBottom)


def table_button(values: Callable[[], Values], *, newest_last: bool = False) -> QPushButton:
    """Return a button that opens what ``values`` returns then as a table."""
    button = QPushButton(_("Show as a table …"))
    button.setProperty("kind", "link")
    button.clicked.connect(
        lambda _=False: ValueTable(values(), button, newest_last=newest_last).open()
    )
    return button
