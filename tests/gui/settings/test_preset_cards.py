from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.settings import Settings
from gui.settings.preset_cards import PresetCards
from gui.wizard.training_plan import TrainingPlan


def test_each_says_what_it_takes_and_is_chosen_with_a_key(plan: TrainingPlan, qtbot: QtBot) -> None:
    made = PresetCards()
    qtbot.addWidget(made)
    made.show_plan(plan, Settings())
    made.show()
    assert made.cards["balanced"].is_chosen()
    assert "Needs about" in made.cards["gentle"]._text.text()
    made.focus_chosen("balanced")
    assert made.focusWidget() is made.cards["balanced"].button
    with qtbot.waitSignal(made.chosen, timeout=2000) as chosen:
        qtbot.keyClick(made.cards["thorough"].button, Qt.Key.Key_Space)
    assert chosen.args == ["thorough"]


def test_changed_values_mark_the_chosen_one(plan: TrainingPlan, qtbot: QtBot) -> None:
    made = PresetCards()
    qtbot.addWidget(made)
    plan.change("rank", 4)
    made.show_plan(plan, Settings())
    first = made.cards["balanced"]
    assert first._badge.text() == "Customised"
    made.show_plan(plan, Settings())
    assert made.cards["balanced"] is first, "the keyboard may be on it"
