from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from core.errors import UserFacingError
from gui.kit.boxes import vbox
from gui.kit.tool_button import tool_button
from gui.training.charts import panel as chart_panel
from gui.training.charts.measures import LOSS, OTHER_MEASURES, TEMPERATURE
from gui.training.charts.panel import ChartPanel
from tests.gui.readable import overlapping
from tests.gui.training.charts.charting import view_model


@pytest.fixture
def panel(qtbot: QtBot) -> ChartPanel:
    made = ChartPanel((LOSS, *OTHER_MEASURES))
    qtbot.addWidget(made)
    made.resize(520, 360)
    made.show()
    made.show_story(view_model(), {})
    return made


def test_the_values_never_stand_in_the_plot(qtbot: QtBot) -> None:
    """Not even while the event loop has had no turn since the legend got its lines."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    qtbot.addWidget(area)
    inner, made = QWidget(), ChartPanel((LOSS, *OTHER_MEASURES))
    vbox(made, 1, on=inner)
    area.setWidget(inner)
    area.resize(560, 300)
    area.show()
    qtbot.wait(50)
    made.show_story(view_model(), {"train-002": view_model()})
    assert not made.values.geometry().intersects(made.chart.geometry())
    assert overlapping(area) == []


def test_values_are_said_where_it_points(panel: ChartPanel) -> None:
    assert "Point at a line" in panel.values.text()
    panel.chart.point_at(12)
    assert panel.values.text().startswith("step 12 · training, each step ")
    panel.chart.point_at(None)
    assert "Point at a line" in panel.values.text()


def test_another_measure(panel: ChartPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.chosen) as told:
        panel.choose("temperature")
    assert told.args == ["temperature"]
    panel.show_story(view_model(), {"train-002": view_model()})
    assert panel.measure is TEMPERATURE
    assert panel.chart.accessibleDescription().endswith("Compared with train-002.")
    assert all(band.isVisible() for band in panel.chart._bands)
    assert panel.legend.names() == ["temperature", "train-002"]


def test_zoom_buttons_are_on_when_there_is_something_to_undo(
    panel: ChartPanel, qtbot: QtBot
) -> None:
    assert not panel.whole.isEnabled()
    panel.closer.click()
    assert panel.whole.isEnabled()
    assert panel.farther.isEnabled()
    panel.whole.click()
    assert not panel.whole.isEnabled()


def test_picture_and_values_are_saved(
    panel: ChartPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def choose(_parent: object, kind: str, name: str) -> Path:
        asked.append((kind, name))
        return tmp_path / f"ü.{kind}"

    monkeypatch.setattr(chart_panel, "ask_where", choose)
    with qtbot.waitSignal(panel.saved):
        panel.save_picture()
    with qtbot.waitSignal(panel.saved):
        panel.save_values()
    assert asked == [("png", LOSS.title), ("csv", LOSS.title)]
    assert (tmp_path / "ü.png").read_bytes().startswith(b"\x89PNG")
    rows = (tmp_path / "ü.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "line,step,how wrong (loss)"
    assert len(rows) > 80
    panel.shut_down()


def test_nothing_is_saved_when_nothing_was_chosen(
    panel: ChartPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_panel, "ask_where", lambda *_: None)
    panel.save_picture()
    panel.save_values()
    panel.shut_down()


def test_a_disk_that_refuses_is_told(
    panel: ChartPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(chart_panel, "ask_where", lambda *_: tmp_path / "file" / "a.csv")
    with qtbot.waitSignal(panel.failed) as told:
        panel.save_values()
    assert isinstance(told.args[0], UserFacingError)
    panel.shut_down()


def test_the_keyboard_hears_the_values(panel: ChartPanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.chart.setFocus()
    qtbot.waitUntil(panel.chart.hasFocus)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Home)
    assert panel.values.text().startswith("step 1 ·")


def test_the_keyboard_goes_along_the_head_and_then_into_the_plot(
    panel: ChartPanel, qtbot: QtBot
) -> None:
    panel.closer.click()
    extra = tool_button("compare", "Compare")
    panel.add_tool(extra)
    panel.choose("speed")
    assert panel._help is not None
    panel.activateWindow()
    panel.pick.setFocus()
    panel.closer.click()
    order = [panel._help, extra, panel.closer, panel.farther, panel.whole, panel.save, panel.chart]
    for widget in order:
        qtbot.waitUntil(widget.isVisible)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is widget
