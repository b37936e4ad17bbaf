from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.kit.boxes import vbox
from gui.kit.value_table import ValueModel, Values, ValueTable, table_button

CELLS = [["step 1", "2.5", ""], ["step 2", "2.25", "2.75"]]


def values() -> Values:
    kept = [list(row) for row in CELLS]
    return Values(
        "Loss", ("step", "training", "unseen"), len(kept), lambda row, column: kept[row][column]
    )


def texts(model: ValueModel, role: Qt.ItemDataRole) -> list[list[str]]:
    return [
        [model.data(model.index(row, column), role) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_cells_are_read_with_the_name_of_their_column() -> None:
    model = ValueModel(values())
    across = Qt.Orientation.Horizontal
    assert [model.headerData(n, across) for n in range(3)] == ["step", "training", "unseen"]
    assert texts(model, Qt.ItemDataRole.DisplayRole) == CELLS
    assert texts(model, Qt.ItemDataRole.AccessibleTextRole) == [
        ["step 1", "training: 2.5", ""],
        ["step 2", "training: 2.25", "unseen: 2.75"],
    ]


def test_its_button_opens_it_and_close_lets_it_go(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    button = table_button(values)
    vbox(button, on=around)
    around.show()
    button.click()
    table = button.findChild(ValueTable)
    assert table is not None
    assert table.isVisible()
    assert (table.windowTitle(), table.table.model().rowCount()) == ("Loss", 2)
    table.close_button.click()
    qtbot.waitUntil(lambda: button.findChild(ValueTable) is None)


def test_where_time_goes_on_it_begins_with_the_newest(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    many = Values("Times", ("answer",), 500, lambda row, _column: str(row))
    table = ValueTable(many, around, newest_last=True)
    table.show()
    bar = table.table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
