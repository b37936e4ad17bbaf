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
    words = [steps.button(step).text().split("\n")[1] for step in Step]
    assert words == ["done", "done", "you are here", "locked", "locked", "locked", "locked"]
    # The pictures are held by name: bits() of a picture already gone reads freed memory.
    pictures = [steps.button(step).icon().pixmap(20, 20).toImage() for step in Step]
    assert len({bytes(picture.constBits()) for picture in pictures}) == 3
    assert "above" in steps.button(Step.SAVING).toolTip()


def test_outside_the_steps_none_is_current(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    state = WizardState(project_chosen=True, dataset_version="x", current=Step.SAVING)
    steps.show_state(state, elsewhere=True)
    words = [steps.button(step).text().split("\n")[1] for step in Step]
    assert words == ["done", "done", "open", "locked", "locked", "locked", "locked"]


def test_large_text_leaves_the_second_line_out_instead_of_cutting_the_first(qtbot: QtBot) -> None:
    steps = StepList()
    qtbot.addWidget(steps)
    steps.show_state(WizardState(project_chosen=True, current=Step.START))
    steps.fit(2000)
    assert steps.button(Step.EXAMPLES).text() == "Examples\nopen"
    steps.fit(steps.sizeHint().height() - 60)
    assert steps.button(Step.EXAMPLES).text() == "Examples"
    assert steps.button(Step.EXAMPLES).toolTip() == "Open"
    assert steps.button(Step.EXAMPLES).accessibleName() == "Step 2: Examples, open"
