from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.chat.partner_choice import PartnerChoice
from gui.chat.partners import Partners

TWO = Partners((("train-002", Path("a")), ("train-001", Path("b"))), Path("a"))


def test_without_a_fine_tune_only_the_base_answers(qtbot: QtBot) -> None:
    choice = PartnerChoice()
    qtbot.addWidget(choice)
    choice.show_partners(Partners((), Path("a")), "both", "")
    assert choice.buttons["base"].isChecked()
    assert not choice.buttons["both"].isEnabled()
    assert choice.buttons["both"].toolTip() == "There is no fine-tune yet."


def test_one_of_the_buttons_is_chosen(qtbot: QtBot) -> None:
    choice = PartnerChoice()
    qtbot.addWidget(choice)
    choice.show_partners(TWO, "tune", "train-001", writes=False)
    assert choice.tune.currentText() == "train-001 (b)"
    assert not choice.buttons["blind"].isEnabled()
    with qtbot.waitSignal(choice.chosen) as chosen:
        choice.buttons["both"].click()
    assert chosen.args == ["both", "train-001"]
    assert [name for name, button in choice.buttons.items() if button.isChecked()] == ["both"]
