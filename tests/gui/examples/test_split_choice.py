from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.examples.split_choice import SplitChoice

COUNTS = {"train": 850, "validation": 75, "test": 75}


def test_it_says_what_comes_of_the_share(qtbot: QtBot) -> None:
    made = SplitChoice()
    qtbot.addWidget(made)
    with qtbot.assertNotEmitted(made.changed):
        made.show_split(COUNTS, 15, frozen=False)
    assert made.text.text().startswith("About 850 to learn from, 75 to watch the training, 75 for")
    assert "earlier version" not in made.text.text()
    made.show_split(COUNTS, 15, frozen=True)
    assert "testing stay set aside" in made.text.text()
    with qtbot.waitSignal(made.changed) as changed:
        made.held_out.setValue(20)
    assert changed.args == [20]
    assert made.held_out.accessibleName()
