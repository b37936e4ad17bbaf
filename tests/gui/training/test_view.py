from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.events import Failed, StateChanged, Telemetry
from core.jobs.link import Request
from core.settings import Settings
from gui.training.suggested_action import SuggestedAction
from gui.training.view import TrainingView
from gui.training.view_model import TrainingViewModel
from tests.gui import scenes
from tests.gui.training.charts.charting import view_model


@pytest.fixture
def view(qtbot: QtBot) -> TrainingView:
    made = TrainingView()
    qtbot.addWidget(made)
    return made


def buttons(view: TrainingView) -> tuple[str, bool, str, bool]:
    pause, stop = view.pause, view.stop
    return pause.text().strip(), pause.isEnabled(), stop.text().strip(), stop.isEnabled()


def test_what_was_asked_is_shown_on_the_buttons(view: TrainingView) -> None:
    told = view_model()
    view.show_buttons(told, None, running=True, read_only=False)
    assert buttons(view) == ("Pause", True, "Stop and keep the best so far", True)
    view.show_buttons(told, Request.PAUSE, running=True, read_only=False)
    assert buttons(view)[:2] == ("Pausing …", True)
    told.take(StateChanged(state="paused", reason="You paused it."))
    view.show_buttons(told, Request.PAUSE, running=True, read_only=False)
    assert buttons(view)[:2] == ("Resume", True)
    view.show_buttons(told, Request.STOP, running=True, read_only=False)
    assert buttons(view)[1:] == (False, "Stopping …", False)
    view.show_buttons(told, None, running=True, read_only=True)
    assert "open elsewhere" in view.stop.toolTip()
    view.shut_down()


def test_what_waits_by_itself_can_be_paused_and_not_resumed(view: TrainingView) -> None:
    told = view_model()
    told.take(StateChanged(state="paused", reason="The card is too hot.", by_itself=True))
    view.show_buttons(told, None, running=True, read_only=False)
    assert buttons(view)[:2] == ("Pause", True)
    view.show_buttons(told, Request.PAUSE, running=True, read_only=False)
    assert buttons(view)[:2] == ("Pausing …", True)
    told.take(StateChanged(state="running"))
    told.take(StateChanged(state="paused", reason="You paused it."))
    view.show_buttons(told, Request.PAUSE, running=True, read_only=False)
    assert buttons(view)[:2] == ("Resume", True)
    view.shut_down()


def test_what_has_ended_can_neither_be_paused_nor_stopped(view: TrainingView) -> None:
    told = view_model()
    told.take(Failed(code="training.diverged", what="a", todo="b"))
    view.show_buttons(told, None, running=False, read_only=False)
    assert view.pause.isHidden()
    assert view.stop.isHidden()
    view.shut_down()


def test_progress_and_the_remedy(view: TrainingView, qtbot: QtBot) -> None:
    told = TrainingViewModel()
    for event in scenes.training_events(20, 40, card=False):
        told.take(event)
    suggested_action = SuggestedAction("Stop now and keep the best", stops=True)
    view.show_story(told, Settings(), running=True, suggested_action=suggested_action)
    assert view.where.text() == "Step 20 of 40 · epoch 1.5 · about 40 s left"
    assert view.bar.value() == 20
    assert not view.no_card.isHidden()
    (button,) = view.verdict._actions
    with qtbot.waitSignal(view.action_wanted) as asked:
        button.click()
    assert asked.args == [suggested_action]
    view.show_story(told, Settings(), running=True, suggested_action=None)
    assert view.verdict._actions == []
    view.shut_down()


def test_a_card_that_cannot_be_read_is_no_missing_card(view: TrainingView) -> None:
    told = view_model()
    view.show_story(told, Settings(), running=True, suggested_action=None)
    assert view.unprotected.isHidden()
    told.take(Telemetry(cards=1, at=told.telemetry.at + 1 if told.telemetry else 0))
    view.show_story(told, Settings(), running=True, suggested_action=None)
    assert not view.unprotected.isHidden()
    assert "without heat protection" in view.unprotected.text()
    assert view.no_card.isHidden()
    assert view.plots.other.measure.key == "temperature", "the plot is not another one for that"
    view.shut_down()
