from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.settings.warm_start_bar import WarmStartBar
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan, make_plan
from tests.gui import scenes


@pytest.fixture
def bar(qtbot: QtBot) -> WarmStartBar:
    made = WarmStartBar()
    qtbot.addWidget(made)
    return made


def test_a_training_from_the_base_model_has_nothing_to_say(
    bar: WarmStartBar, plan: TrainingPlan
) -> None:
    bar.show_plan(plan)
    assert bar.isHidden()


def test_what_it_goes_on_from_is_named_and_can_be_left(
    bar: WarmStartBar, ready_session: Session, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    scenes.finish_training(run, ready_session)
    scenes.add_adapter(run)
    ready_session.give(more_of=run.name)
    plan, _refused = make_plan(ready_session.require_project(), ready_session.state)
    bar.show_plan(plan)
    assert bar.what.text().startswith(
        "Continues from train-001. The learning rate starts at 0.0000"
    )
    (button,) = bar._actions
    with qtbot.waitSignal(bar.base_chosen):
        button.click()
