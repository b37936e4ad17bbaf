from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.planning.advice import Advice
from gui.settings.advice_list import AdviceList

STEPS = Advice("effective_batch", "warning", "Only 6 steps.", 4, "Use 4 examples per step?")
FEW = Advice("", "warning", "Only 62 examples.")
RATE = Advice("learning_rate", "problem", "Far too high.", 1e-4, "Use 0.0001?")
HINT = Advice("checkpoint_minutes", "hint", "Rarely saved.", 10.0, "Use 10?")


def test_what_is_folded_away_is_said_in_the_open_and_followed_with_a_key(qtbot: QtBot) -> None:
    made = AdviceList()
    qtbot.addWidget(made)
    made.show_advice([RATE, STEPS, FEW, HINT])
    made.show()
    said = [bar.what.text() for bar in made.bars if bar.isVisible()]
    assert said == ["Only 6 steps.", "Only 62 examples."], "the rate's warning stands beside it"
    (follow,) = made.bars[0]._actions
    with qtbot.waitSignal(made.taken) as taken:
        qtbot.keyClick(follow, Qt.Key.Key_Space)
    assert taken.args == ["effective_batch", 4]
    assert not made.bars[1]._actions


def test_without_anything_to_say_it_takes_no_room(qtbot: QtBot) -> None:
    made = AdviceList()
    qtbot.addWidget(made)
    made.show_advice([FEW])
    assert not made.isHidden()
    made.show_advice([RATE])
    assert made.isHidden()
