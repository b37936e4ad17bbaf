"""What the button of a verdict does, on the page that shows the training."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.config.training import load_config
from core.data.dataset import DatasetVersion
from core.data.example import located
from core.events import Finished
from core.jobs.link import Request, read_request
from core.project import RunFolder
from core.queue import entries
from core.wizard import Step
from gui.rows.outliers import Rejection
from gui.rows.outliers_dialog import OutliersDialog
from gui.training.page import TrainingPage
from gui.wizard.session import Session
from tests.gui import scenes

Open = Callable[[type, Session], TrainingPage]


@pytest.fixture
def run(ready_session: Session) -> RunFolder:
    made = scenes.add_run(ready_session)
    ready_session.start_next(made.name)
    return made


class TestARemedy:
    def test_a_diverged_training_is_retried_with_one_button(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, [*scenes.training_events(10, 40), *scenes.diverged(2.5e-5)])
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        (button,) = page.view.verdict._actions
        assert button.text() == "Retry at half the learning rate (2.5e-05)"
        started: list[bool] = []
        page._follow = lambda *, start: started.append(start)
        button.click()
        assert started == [True]
        assert page.run is not None
        assert ready_session.state.training_run == page.run.name == "train-002"
        assert load_config(page.run.config_file).learning_rate == 2.5e-5

    def test_a_running_one_is_stopped_first(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, [*scenes.training_events(10, 40), scenes.too_low(1e-3)])
        with scenes.alive(run):
            page = open_page(TrainingPage, ready_session)
            scenes.until(qtbot, lambda: page.view_model.health is not None)
            page.draw()
            (button,) = page.view.verdict._actions
            button.click()
            assert read_request(run.control_file) is Request.STOP
            assert page.view.verdict._actions == [], "it is done once"
            scenes.write_events(run, [Finished(outcome="stopped")])
            page._follow = lambda *, start: None
        scenes.until(qtbot, lambda: page.run != run)
        assert load_config(page.run.config_file).learning_rate == 1e-3

    def test_while_a_queue_works_it_comes_next_there(
        self, ready_session: Session, open_page: Open, qtbot: QtBot
    ) -> None:
        run = scenes.add_to_queue(ready_session, "seed 1")
        scenes.add_to_queue(ready_session, "seed 2")
        project = ready_session.require_project()
        ready_session.give(training_run=run.name)
        scenes.write_events(run, [*scenes.training_events(10, 40), scenes.too_low(1e-3)])
        with scenes.alive(run), scenes.alive(project.new_run("queue")):
            page = open_page(TrainingPage, ready_session)
            scenes.until(qtbot, lambda: page.view_model.health is not None)
            page.draw()
            page.view.verdict._actions[0].click()
            assert read_request(run.control_file) is Request.STOP
            items = entries.load_queue(project)
            assert [item.run for item in items] == ["train-001", "train-003", "train-002"]
            again = project.run("train-003")
            assert load_config(again.config_file).learning_rate == 1e-3
            assert not again.control_file.exists(), "the queue starts it"

    def test_the_examples_it_is_about_are_shown(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, [*scenes.training_events(10, 40), scenes.odd_rows(3, 17)])
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        page.draw()
        (button,) = page.view.verdict._actions
        button.click()
        scenes.until(qtbot, lambda: page.findChild(OutliersDialog) is not None)
        dialog = page.findChild(OutliersDialog)
        version = DatasetVersion.load(
            ready_session.require_project().versions / ready_session.state.dataset_version
        )
        wanted = [e for n, e in enumerate(version.examples("train")) if n in (3, 17)]
        places = [dialog.places.item(n).text() for n in range(dialog.places.count())]
        assert places == [located(example.source) for example in wanted]
        dialog.places.setCurrentRow(1)
        assert wanted[1].answer in dialog.text.toPlainText()
        dialog.places.item(1).setCheckState(Qt.CheckState.Checked)
        with qtbot.waitSignal(page.sent) as sent:
            dialog.leave_out.click()
        assert sent.args == [Step.EXAMPLES, Rejection(version.folder, [wanted[1]])]

    def test_a_rejected_example_stops_the_training_that_learns_from_it(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, [*scenes.training_events(10, 40), scenes.odd_rows(3)])
        with scenes.alive(run):
            page = open_page(TrainingPage, ready_session)
            scenes.until(qtbot, lambda: page.view_model.health is not None)
            with qtbot.waitSignal(page.sent):
                page.remedies.examples.rejected.emit(Rejection(run.root, []))
            assert read_request(run.control_file) is Request.STOP

    def test_nothing_is_retried_beside_another_training(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, [*scenes.training_events(10, 40), *scenes.diverged(2.5e-5)])
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        other = scenes.add_to_queue(ready_session, "seed 1")
        with scenes.alive(other), qtbot.waitSignal(page.failed) as told:
            page.view.verdict._actions[0].click()
        assert told.args[0].code == "training.other_running"
