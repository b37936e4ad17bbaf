from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.training.charts.export import ask_where, picture_of, table_of
from gui.training.charts.measures import LOSS, Trace
from gui.training.series import Series
from tests.gui.training.charts.charting import line, losses, view_model


def test_a_picture_has_twice_the_pixels(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    part = QWidget(widget)
    part.setStyleSheet("background: #ff0000")
    part.resize(200, 100)
    one, two = (QImage.fromData(picture_of("Losses", [widget] * count)) for count in (1, 2))
    assert one.width() == two.width() > 400
    assert two.height() - one.height() == 200
    assert one.pixelColor(one.width() // 2, one.height() - 40).name() == "#ff0000"
    head = [one.pixelColor(x, y).name() for x in range(one.width()) for y in range(30)]
    assert len(set(head)) > 2, "the title stands above"


def test_the_table_holds_every_point_exactly() -> None:
    told = view_model()
    rows = list(csv.reader(io.StringIO(table_of(LOSS, losses(told)).decode("utf-8"))))
    assert rows[0] == ["line", "step", "how wrong (loss)"]
    smoothed = [row for row in rows if row[0] == "training, smoothed"]
    assert [float(row[2]) for row in smoothed] == list(told.smoothed.y)
    assert [float(row[1]) for row in smoothed] == list(told.smoothed.x)


def test_a_late_step_keeps_its_digits() -> None:
    series = Series()
    for x in (999_999.0, 1_234_567.0, 1_234_568.0, 0.1 + 0.2):
        series.add(x, 1.5)
    table = table_of(LOSS, [Trace("a", series, "main")]).decode()
    rows = list(csv.reader(io.StringIO(table)))[1:]
    assert [row[1] for row in rows] == ["999999", "1234567", "1234568", "0.30000000000000004"]


def test_a_name_is_never_a_formula() -> None:
    trace = Trace("=HYPERLINK(1)", line(1).series, "main")
    assert b"\n'=HYPERLINK" in table_of(LOSS, [trace])


@pytest.mark.parametrize("accepts", [True, False])
def test_the_file_is_chosen_by_the_person(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepts: bool
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)

    def execute(dialog: QFileDialog) -> bool:
        assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
        assert dialog.defaultSuffix() == "csv"
        dialog.setDirectory(str(tmp_path))
        dialog.selectFile("losses")
        return accepts

    monkeypatch.setattr(QFileDialog, "exec", execute)
    expected = tmp_path / "losses.csv" if accepts else None
    assert ask_where(parent, "csv", "How wrong the model is") == expected
