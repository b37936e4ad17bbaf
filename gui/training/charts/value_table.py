"""A plot as a table, for those who read better than they see lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
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
from gui.training.charts.measures import Measure, Trace

_SIZE = (760, 520)

Index = QModelIndex | QPersistentModelIndex


class ValueModel(QAbstractTableModel):
    """A row for each place on the horizontal axis, a column for each line; gaps are empty."""

    def __init__(self, measure: Measure, traces: Sequence[Trace]) -> None:
        super().__init__()
        self._measure = measure
        self._traces = [trace for trace in traces if len(trace.series)]
        along = [trace.series.x for trace in self._traces]
        self._places = np.unique(np.concatenate(along)) if along else np.zeros(0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of places."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the place's column and one for each line."""
        return 0 if parent.isValid() else 1 + len(self._traces)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name."""
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return self._traces[section - 1].name if section else self._measure.along_name

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, and for screen readers the same with the column's name."""
        roles = Qt.ItemDataRole
        if not index.isValid() or role not in (roles.DisplayRole, roles.AccessibleTextRole):
            return None
        text = self._text(index.row(), index.column())
        if role == roles.AccessibleTextRole and index.column() and text:
            name = self._traces[index.column() - 1].name
            return _("{name}: {value}", name=name, value=text)
        return text

    def _text(self, row: int, column: int) -> str:
        place = float(self._places[row])
        if not column:
            return self._measure.say_where(place)
        series = self._traces[column - 1].series
        nearest = series.nearest(place)
        return self._measure.say(series.y[nearest]) if series.x[nearest] == place else ""


class ValueTable(QDialog):
    """Shows the values as they are now; the newest are in view."""

    def __init__(self, measure: Measure, traces: Sequence[Trace], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(measure.title)
        fit_dialog(self, *_SIZE)
        self.table = QTableView()
        self.table.setAccessibleName(measure.title)
        self.table.setModel(ValueModel(measure, traces))
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        vbox(
            label(measure.title, "title"),
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
        QTimer.singleShot(0, self.table, self.table.scrollToBottom)
