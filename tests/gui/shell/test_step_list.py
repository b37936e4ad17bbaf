from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.wizard import Step, WizardState
from gui.shell.step_list import StepList


def test_a_click_asks_for_the_step(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    steps.show_state(WizardState(project_chosen=True, current=Step.START))
    with qtbot.waitSignal(steps.chosen) as chosen:
        steps.button(Step.EXAMPLES).click()
    assert chosen.args == [Step.EXAMPLES]


def test_each_state_has_its_own_icon_and_word(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    state = WizardState(project_chosen=True, dataset_version="x", current=Step.BASE_MODEL)
    steps.show_state(state)
    words = [steps.button(step).accessibleName().split(", ")[1] for step in Step]
    assert words == ["done", "done", "you are here", "locked", "locked", "locked", "locked"]
    # The pictures are held by name: bits() of a picture already gone reads freed memory.
    pictures = [steps.button(step).icon().pixmap(20, 20).toImage() for step in Step]
    assert len({bytes(picture.constBits()) for picture in pictures}) == 3
    assert steps.button(Step.SAVING).toolTip() == "Finish “Base model” first."
    steps.show_state(WizardState())
    assert "make a new one first" in steps.button(Step.EXAMPLES).toolTip()


def test_outside_the_steps_none_is_current(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    state = WizardState(project_chosen=True, dataset_version="x", current=Step.SAVING)
    steps.show_state(state, elsewhere=True)
    words = [steps.button(step).accessibleName().split(", ")[1] for step in Step]
    assert words == ["done", "done", "open", "locked", "locked", "locked", "locked"]


def test_what_happens_in_a_step_stands_behind_its_name(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    state = WizardState(project_chosen=True, current=Step.START)
    steps.show_state(state)
    training = steps.button(Step.TRAINING)
    training.resize(240, 34)
    training.show_live("41% · 14:20")
    assert training.text() == " Training · 41% · 14:20"
    assert training.accessibleName() == "Step 5: Training, locked"
    assert training.accessibleDescription() == "41% · 14:20"
    training.resize(170, 34)
    training.show_live("42% · 14:20")
    assert training.text() == " Training · 42%", "as much as there is room for"
    assert training.accessibleDescription() == "42% · 14:20"
    training.show_live("")
    assert training.text() == " Training"
