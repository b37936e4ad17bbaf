from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.daily_use.latency_plot import LatencyPlot


def test_it_says_in_words_what_is_drawn(qtbot: QtBot) -> None:
    plot = LatencyPlot()
    qtbot.addWidget(plot)
    plot.show_times([])
    assert plot.accessibleDescription() == ""
    plot.show_times([(0.0, 1.5)])
    assert plot.accessibleDescription() == "1 answer. It took 1.5 s."
    plot.show_times([(float(n), n / 10) for n in range(1, 2001)])
    assert plot.accessibleDescription() == (
        "2,000 answers. Half took less than 100.0 s, the slowest 200.0 s."
    )


def test_as_a_table(qtbot: QtBot) -> None:
    plot = LatencyPlot()
    qtbot.addWidget(plot)
    assert plot.values().rows == 0
    plot.show_times([(1_700_000_000.0, 1.5), (1_700_000_060.0, 0.25)])
    values = plot.values()
    assert list(values.columns) == ["answer", "given", "time"]
    cells = [[values.text(row, column) for column in range(3)] for row in range(2)]
    assert [(cell[0], cell[2]) for cell in cells] == [("1", "1.5 s"), ("2", "0.2 s")]
    assert cells[0][1] != cells[1][1], "a minute apart"
