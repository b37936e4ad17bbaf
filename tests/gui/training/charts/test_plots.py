from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.project import RunFolder
from gui.training.charts.plots import TrainingPlots
from gui.wizard.session import Session
from tests.gui import scenes
from tests.gui.training.charts.charting import view_model


@pytest.fixture
def runs(ready_session: Session) -> list[RunFolder]:
    made = [scenes.add_run(ready_session) for _ in range(3)]
    for run in made[:2]:
        scenes.write_events(run, scenes.training_events(30, 40))
    return made


def test_other_trainings_are_drawn_under_their_names(
    ready_session: Session, runs: list[RunFolder], qtbot: QtBot
) -> None:
    plots = TrainingPlots()
    qtbot.addWidget(plots)
    plots.show_run(ready_session.require_project(), runs[0])
    plots.show_story(view_model())
    actions = plots.picker.actions_by_name()
    assert list(actions) == ["train-002"], "neither itself nor what has no curve"
    plots.compared.connect(lambda: plots.show_story(view_model()))
    actions["train-002"].trigger()
    scenes.until(qtbot, lambda: "train-002, unseen examples" in plots.losses.legend.names())
    scenes.until(qtbot, lambda: plots.other.legend.names() == ["temperature", "train-002"])
    actions["train-002"].trigger()
    scenes.until(qtbot, lambda: plots.other.legend.names() == ["temperature"])
    plots.shut_down()


def test_a_compared_training_that_goes_on_is_drawn_as_it_grows(
    ready_session: Session, runs: list[RunFolder], qtbot: QtBot
) -> None:
    plots = TrainingPlots()
    qtbot.addWidget(plots)
    plots.show_run(ready_session.require_project(), runs[0])
    plots.compared.connect(lambda: plots.show_story(view_model()))
    plots.picker.actions_by_name()["train-002"].trigger()
    scenes.until(qtbot, lambda: "train-002, unseen examples" in plots.losses.legend.names())
    scenes.write_events(runs[1], scenes.training_events(10, 40, first=31))
    plots._others.look_now()

    def last_step() -> float:
        traces = [t for t in plots.losses._traces if t.name.startswith("train-002")]
        return max(float(trace.series.x[-1]) for trace in traces)

    scenes.until(qtbot, lambda: last_step() == 39)  # the last check
    plots.show_run(ready_session.require_project(), runs[1])
    assert plots._others.stories == {}, "it is the one that is shown now"
    plots.shut_down()


def test_without_a_card_another_measure_is_shown_unless_one_was_chosen(qtbot: QtBot) -> None:
    plots = TrainingPlots()
    qtbot.addWidget(plots)
    plots.show_story(view_model(card=False))
    assert plots.other.measure.key == "speed"
    plots.other.choose("grad_norm")
    plots.other.pick.activated.emit(0)
    plots.show_story(view_model(card=False))
    assert plots.other.measure.key == "grad_norm"
    plots.shut_down()


def test_the_plots_stand_in_a_column_where_there_is_no_room_beside(qtbot: QtBot) -> None:
    plots = TrainingPlots()
    qtbot.addWidget(plots)
    plots.resize(1000, 400)
    plots.show()
    assert plots.other.x() > plots.losses.geometry().right()
    plots.resize(plots.minimumSizeHint().width() + 20, 800)
    scenes.until(qtbot, lambda: plots.other.y() > plots.losses.geometry().bottom())
    assert plots.other.width() == plots.losses.width() <= plots.width()
    plots.resize(1000, 400)
    scenes.until(qtbot, lambda: plots.other.y() == plots.losses.y())
    plots.shut_down()
