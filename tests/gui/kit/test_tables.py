"""A table of which a row is chosen: read, walked through with the arrows, left with Tab."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QTableWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.tables import table_to_choose_from


def test_arrows_choose_a_row_and_tab_leaves(qtbot: QtBot) -> None:
    holder, field = QWidget(), QLineEdit()
    table = table_to_choose_from("Models", ["Name", "Size"], 3)
    vbox(table, field, on=holder)
    qtbot.addWidget(holder)
    for row in range(3):
        for column in range(2):
            table.setItem(row, column, QTableWidgetItem(f"{row} {column}"))
    holder.show()
    qtbot.waitActive(holder)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    (chosen,) = table.selectionModel().selectedRows()
    assert chosen.row() == table.currentRow() > 0
    qtbot.keyClick(table, "x")
    assert table.item(table.currentRow(), 0).text() == f"{table.currentRow()} 0", "read-only"
    qtbot.keyClick(table, Qt.Key.Key_Tab)
    assert not table.hasFocus()
    assert table.accessibleName() == "Models"
    assert [table.horizontalHeaderItem(n).text() for n in range(2)] == ["Name", "Size"]
