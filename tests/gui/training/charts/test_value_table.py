from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.training.charts.measures import LOSS, TEMPERATURE, Trace, traces_of
from gui.training.charts.panel import ChartPanel
from gui.training.charts.value_table import ValueModel, ValueTable
from gui.training.series import Series
from tests.gui.training.charts.charting import view_model


def series(*points: tuple[float, float]) -> Series:
    made = Series()
    for x, y in points:
        made.add(x, y)
    return made


TRACES = [
    Trace("training", series((1, 2.5), (2, 2.25), (3, 2.0)), "main"),
    Trace("unseen", series((0, 3.0), (2, 2.75)), "unseen"),
    Trace("nothing yet", series(), "second"),
]


def texts(model: ValueModel, role: Qt.ItemDataRole) -> list[list[str]]:
    return [
        [model.data(model.index(row, column), role) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_a_row_for_each_place_and_a_column_for_each_line() -> None:
    model = ValueModel(LOSS, TRACES)
    across = Qt.Orientation.Horizontal
    assert [model.headerData(n, across) for n in range(3)] == ["step", "training", "unseen"]
    assert texts(model, Qt.ItemDataRole.DisplayRole) == [
        ["step 0", "", "3.000"],
        ["step 1", "2.500", ""],
        ["step 2", "2.250", "2.750"],
        ["step 3", "2.000", ""],
    ]
    assert texts(model, Qt.ItemDataRole.AccessibleTextRole)[2] == [
        "step 2",
        "training: 2.250",
        "unseen: 2.750",
    ]


def test_nothing_measured_is_an_empty_table() -> None:
    model = ValueModel(LOSS, [])
    assert (model.rowCount(), model.columnCount()) == (0, 1)


def test_minutes_have_their_unit() -> None:
    model = ValueModel(TEMPERATURE, [Trace("temperature", series((1.5, 61.0)), "main")])
    assert texts(model, Qt.ItemDataRole.DisplayRole) == [["minute 1.5", "61 °C"]]


def test_the_plot_opens_it_with_the_values_of_now(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    panel = ChartPanel((LOSS,), around)
    run = view_model()
    panel.show_story(run, {})
    panel.save.menu().actions()[0].trigger()
    table = panel.findChild(ValueTable)
    assert table is not None
    assert table.isVisible()
    count = table.table.model().rowCount()
    assert count >= max(len(trace.series) for trace in traces_of(LOSS, run, {}))
    run.raw.add(10_000, 1.0)
    assert table.table.model().rowCount() == count, "it stays as it was"
    table.close_button.click()
    qtbot.waitUntil(lambda: panel.findChild(ValueTable) is None)
