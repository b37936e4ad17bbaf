from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.evaluation.rating.criteria import usual_criteria
from gui.comparison.score_grid import ScoreGrid


def test_marks_are_given_by_a_click_and_named(qtbot: QtBot) -> None:
    grid = ScoreGrid("a")
    grid.set_criteria(usual_criteria())
    qtbot.addWidget(grid)
    buttons = {b.accessibleName(): b for b in grid.findChildren(QPushButton)}
    assert len(buttons) == 20
    with qtbot.waitSignal(grid.marked) as marked:
        buttons["Tone, answer A: 4 of 5"].click()
    assert marked.args == ["tone", 4]


def test_only_what_was_given_is_shown(qtbot: QtBot) -> None:
    grid = ScoreGrid("b")
    grid.set_criteria(usual_criteria())
    qtbot.addWidget(grid)
    grid.show_marks({"accuracy": 5}, "relevance")
    checked = [b.accessibleName() for b in grid.findChildren(QPushButton) if b.isChecked()]
    assert checked == ["Accuracy, answer B: 5 of 5"]
    assert grid._names["relevance"].property("current") == "yes"
    grid.show_marks({}, None)
    assert not [b for b in grid.findChildren(QPushButton) if b.isChecked()]


def test_other_criteria_take_the_place_of_those_before(qtbot: QtBot) -> None:
    grid = ScoreGrid("a")
    qtbot.addWidget(grid)
    grid.set_criteria(usual_criteria())
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the rows before are gone
    first = usual_criteria()[0].key
    grid.show_marks({first: 4}, None)
    assert grid._groups[first].checkedId() == 4
