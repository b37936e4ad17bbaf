from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from gui.settings.label_preview.length_histogram import LengthHistogram


def shown(qtbot: QtBot, lengths: list[int], limit: int) -> LengthHistogram:
    chart = LengthHistogram()
    qtbot.addWidget(chart)
    chart.show_lengths(np.array(lengths, dtype=np.int64), limit)
    return chart


def test_the_line_stands_at_the_limit(qtbot: QtBot) -> None:
    chart = shown(qtbot, [10, 20, 20, 90], 64)
    assert chart._line.isVisible()
    assert chart._line.value() == 64
    assert chart._text.toPlainText() == "cut off at 64"
    assert int(np.sum(chart._bars.opts["height"])) == 4


def test_a_far_limit_does_not_press_the_bars_together(qtbot: QtBot) -> None:
    chart = shown(qtbot, [10, 20, 30], 2048)
    assert not chart._line.isVisible()
    assert "2,048" in chart._text.toPlainText()
    assert chart.getPlotItem().viewRange()[0][1] < 60


def test_it_is_told_in_words(qtbot: QtBot) -> None:
    chart = shown(qtbot, [10, 20, 20, 90], 64)
    assert chart.accessibleName() == "Lengths of the examples"
    assert "4 examples of 10 to 90 tokens" in chart.accessibleDescription()
    assert "1 is longer" in chart.accessibleDescription()


def test_nothing_to_show(qtbot: QtBot) -> None:
    assert "0 examples" in shown(qtbot, [], 64).accessibleDescription()


def test_as_a_table_every_example_is_in_one_row_and_the_cut_ones_are_counted(qtbot: QtBot) -> None:
    lengths = np.random.default_rng(7).integers(3, 900, 500)
    values = shown(qtbot, lengths.tolist(), 512).values()
    assert list(values.columns) == ["tokens", "examples", "cut off"]
    for row in range(values.rows):
        ends = [int(word) for word in values.text(row, 0).split(" to ")]
        first, last = ends[0], ends[-1]
        inside = lengths[(lengths >= first) & (lengths <= last)]
        assert values.text(row, 1) == str(len(inside))
        assert values.text(row, 2) == str(int((inside > 512).sum()))
    assert sum(int(values.text(row, 1)) for row in range(values.rows)) == 500


def test_bars_without_examples_have_no_row(qtbot: QtBot) -> None:
    values = shown(qtbot, [4, 4, 9], 64).values()
    assert [[values.text(row, column) for column in range(3)] for row in range(values.rows)] == [
        ["4", "2", "0"],
        ["8 to 9", "1", "0"],
    ]
