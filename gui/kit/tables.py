"""Tables of which one row is chosen, by the mouse or with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget


def table_to_choose_from(
    name: str, columns: Sequence[str], rows: int = 0, *, wide: int | None = None
) -> QTableWidget:
    """Return a read-only table; Tab leaves it.

    Args:
        name: what screen readers call it.
        columns: the headings.
        wide: the column that takes what the others leave, by default the last.
    """
    table = QTableWidget(rows, len(columns))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(columns)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    if wide is None:
        header.setStretchLastSection(True)
    else:
        header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
    return table
