from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.kit.value_table import Values, ValueTable
from gui.training.charts.measures import LOSS, TEMPERATURE, Trace, traces_of
from gui.training.charts.panel import ChartPanel
from gui.training.charts.value_table import values_of
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


def cells(values: Values) -> list[list[str]]:
    columns = range(len(values.columns))
    return [[values.text(row, column) for column in columns] for row in range(values.rows)]


def test_a_row_for_each_place_and_a_column_for_each_line() -> None:
    values = values_of(LOSS, TRACES)
    assert list(values.columns) == ["step", "training", "unseen"]
    assert cells(values) == [
        ["step 0", "", "3.000"],
        ["step 1", "2.500", ""],
        ["step 2", "2.250", "2.750"],
        ["step 3", "2.000", ""],
    ]


def test_nothing_measured_is_an_empty_table() -> None:
    values = values_of(LOSS, [])
    assert (values.rows, len(values.columns)) == (0, 1)


def test_minutes_have_their_unit() -> None:
    values = values_of(TEMPERATURE, [Trace("temperature", series((1.5, 61.0)), "main")])
    assert cells(values) == [["minute 1.5", "61 °C"]]


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
