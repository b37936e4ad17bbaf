from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.planning.estimate import duration_text
from core.settings import Settings
from gui.settings.preset_cards import PresetCards
from gui.wizard.training_plan import TrainingPlan


def test_each_says_what_it_takes_and_is_chosen_with_a_key(plan: TrainingPlan, qtbot: QtBot) -> None:
    made = PresetCards()
    qtbot.addWidget(made)
    made.show_plan(plan, Settings())
    made.show()
    assert made.cards["balanced"].is_chosen()
    takes = duration_text(plan.estimate(plan.presets[0].config, 0).seconds)
    assert takes in made.cards[plan.presets[0].key]._text.text()
    assert "Needs about" not in made.cards["gentle"]._text.text(), "memory is said once, below"
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


def test_they_stand_in_one_row_of_four_or_in_two(plan: TrainingPlan, qtbot: QtBot) -> None:
    made = PresetCards()
    qtbot.addWidget(made)
    made.resize(940, 200)
    made.show_plan(plan, Settings())
    made.show()
    cards = made.cards.values()
    assert len(cards) == 4
    qtbot.waitUntil(lambda: len({card.y() for card in cards}) == 1)
    assert len({card.width() for card in cards}) <= 2, "equally wide, but for a pixel"
    made.resize(560, 400)
    qtbot.waitUntil(lambda: len({card.y() for card in cards}) == 2)
