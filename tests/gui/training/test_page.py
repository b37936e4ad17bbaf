from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from core.events import StateChanged
from core.jobs.link import Request, read_request
from core.jobs.supervisor import is_alive
from core.project import RunFolder
from core.queue import entries
from core.settings import Settings
from core.storage.files import write_json
from core.wizard import Step
from gui.shell.window import WizardWindow
from gui.training.page import TrainingPage
from gui.wizard.session import Session
from tests.foreign_files import BEHAVIOUR, Yours
from tests.gui import scenes
from tests.gui.fake_training_child import DIES_AT, TOTAL, let_go_on

Open = Callable[[type, Session], TrainingPage]


@pytest.fixture
def run(ready_session: Session) -> RunFolder:
    made = scenes.add_run(ready_session)
    ready_session.start_next(made.name)
    return made


def with_params(run: RunFolder, **behaviour: object) -> None:
    write_json(run.root / BEHAVIOUR, behaviour)


@pytest.fixture
def ended(run: RunFolder, qtbot: QtBot) -> Iterator[None]:
    """The child is gone when the test is over."""
    yield
    scenes.until(qtbot, lambda: not is_alive(run))


@pytest.mark.usefixtures("fake_training", "ended")
class TestWithAChild:
    def test_it_starts_what_the_settings_prepared(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        with_params(run, waits_at=1)
        page = open_page(TrainingPage, ready_session)
        assert page.is_busy()
        assert not page.is_ready()
        let_go_on(run)
        scenes.until(qtbot, lambda: not page.is_busy())
        assert ready_session.state.training_done
        assert page.is_ready()
        assert list(page.view_model.raw.x) == [float(n) for n in range(1, TOTAL + 1)]
        assert "complete" in page.view.verdict.what.text()

    def test_closing_and_reopening_shows_the_same_run_with_its_whole_curve(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        with_params(run, waits_at=5)
        first = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: first.view_model.step == 5)
        first.shut_down()
        assert is_alive(run)
        second = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: second.view_model.step == 5)
        let_go_on(run)
        scenes.until(qtbot, lambda: not second.is_busy())
        assert list(second.view_model.raw.x) == [float(n) for n in range(1, TOTAL + 1)]

    def test_pause_and_resume(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        with_params(run, waits_at=3)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: page.view_model.step == 3)
        page.view.pause.click()
        assert read_request(run.control_file) is Request.PAUSE
        assert page.view.pause.text().strip() == "Pausing …"
        scenes.until(qtbot, lambda: page.view.pause.text().strip() == "Resume")
        assert page.view.verdict.what.text() == "You paused the training."
        page.view.pause.click()
        scenes.until(qtbot, lambda: not page.is_busy())
        assert page.view_model.step == TOTAL

    def test_stop_and_keep_the_best_so_far(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        with_params(run, waits_at=5)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: page.view_model.step == 5 and page.view.stop.isEnabled())
        page.view.stop.click()
        assert page.view.stop.text().strip() == "Stopping …"
        scenes.until(qtbot, lambda: not page.is_busy())
        assert ready_session.state.training_done
        assert page.view_model.step == 5
        assert "stopped" in page.view.verdict.what.text()

    def test_a_killed_child_is_told_and_can_be_resumed(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        with_params(run, dies=True)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        assert page.view_model.step == DIES_AT
        assert "killed" in page.view.verdict.what.text()
        assert "starts again from the beginning" in page.view.verdict.what.text()
        assert page.primary_text() == "Resume the run"
        assert page.is_ready()
        assert not page.view.pause.isVisible()
        assert not page.view.stop.isVisible()
        assert not ready_session.state.training_done
        page.apply()
        scenes.until(qtbot, lambda: not page.is_busy())
        assert list(page.view_model.raw.x) == [float(n) for n in range(1, TOTAL + 1)]
        assert ready_session.state.training_done


def test_what_waits_by_itself_can_be_paused(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    hot = StateChanged(state="paused", reason="The card is too hot.", by_itself=True)
    scenes.write_events(run, [*scenes.training_events(10, 20, card=False), hot])
    with scenes.alive(run):
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: page.view_model.state == "held")
        page.draw()
        assert (
            page.view.verdict.what.text() == "The card is too hot. The run resumes automatically."
        )
        page.view.pause.click()
        assert read_request(run.control_file) is Request.PAUSE
        page._drop()


def test_no_card_is_said_plainly(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    scenes.write_events(run, scenes.training_events(10, 10, card=False))
    scenes.finish_training(run, ready_session)
    page = open_page(TrainingPage, ready_session)
    scenes.until(qtbot, lambda: not page.is_busy())
    assert page.view.plots.other.measure.key == "speed", "there is no temperature to show"
    assert "No graphics card" in page.view.no_card.text()
    assert page.view.no_card.isVisible()
    assert page.view.tiles.temperature.text() == "–"


def test_a_diverged_training_is_not_resumed(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    scenes.write_events(run, scenes.training_events(10, 20))
    failed = scenes.out_of_memory().model_copy(update={"code": "training.diverged"})
    scenes.write_events(run, [failed])
    page = open_page(TrainingPage, ready_session)
    scenes.until(qtbot, lambda: not page.is_busy())
    assert not page.view.pause.isVisible()
    assert page.primary_text() == "Change the settings"


def test_drawing_a_hundred_thousand_steps_does_not_block(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page(TrainingPage, ready_session)
    view_model = page.view_model
    for number in range(1, 100_001):
        view_model.raw.add(number, 1.0 + (number % 7) / 10)
        view_model.smoothed.add(number, 1.3)
        view_model.speed.add(number, 4000 + number % 13)
    page.view.plots.other.choose("speed")
    page.draw()
    qtbot.wait(50)
    times = []
    for _ in range(5):
        began = time.process_time()
        page.draw()
        page.view.plots.losses.chart.repaint()
        qtbot.wait(1)
        times.append(time.process_time() - began)
    assert sorted(times)[2] < 0.1, f"{times}"


def test_a_second_press_on_pause_neither_stops_nor_resumes(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    scenes.write_events(run, scenes.training_events(10, 40))
    with scenes.alive(run):
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: page.view_model.step == 10)
        page.draw()
        page.view.pause.setFocus()
        for _press in range(3):
            qtbot.keyClick(page.view.pause, Qt.Key.Key_Space)
            assert read_request(run.control_file) is Request.PAUSE
            assert page.view.pause.isEnabled(), "it keeps the keyboard"


class TestInAQueue:
    def test_a_queued_training_is_not_started_by_looking_at_it(
        self, ready_session: Session, open_page: Open, qtbot: QtBot
    ) -> None:
        run = scenes.add_to_queue(ready_session, "seed 1")
        ready_session.give(training_run=run.name)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: list(page.view.queue.rows) == [run.name])
        assert not page.is_busy()
        assert page.view.verdict.what.text() == "This run is waiting in the queue."
        assert not page.view.pause.isVisible()
        assert page.primary_text() == "Start the queue"
        assert page.view.queue.isVisible()

    def test_the_page_goes_along_with_the_queue(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, scenes.training_events(10, 10, card=False))
        scenes.finish_training(run, ready_session)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        queued = scenes.add_to_queue(ready_session, "seed 1")
        with scenes.alive(queued):
            scenes.write_events(queued, scenes.training_events(3, 10, card=False))
            page.control.look_now()
            scenes.until(qtbot, lambda: page.run == queued)
            assert page.is_busy()
            page._drop()
        assert ready_session.state.training_run == run.name, "later steps keep their training"
        assert ready_session.state.training_done

    def test_a_training_that_is_looked_at_stays(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, scenes.training_events(10, 10, card=False))
        scenes.finish_training(run, ready_session)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        page.view.queue.shown.emit(run.name)
        queued = scenes.add_to_queue(ready_session, "seed 1")
        with scenes.alive(queued), qtbot.waitSignal(page.control.changed):
            page.control.look_now()
        assert page.run == run

    def test_another_training_can_be_compared_with_the_base(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, scenes.training_events(10, 10, card=False))
        scenes.finish_training(run, ready_session)
        other = scenes.add_run(ready_session)
        scenes.write_events(other, scenes.training_events(10, 10, card=False))
        scenes.finish_training(other, ready_session)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        page.show_run(run)
        scenes.until(qtbot, lambda: not page.is_busy())
        assert page.is_ready()
        with qtbot.waitSignal(page.finished):
            page.apply()
        assert ready_session.state.finished_run == run.name
        assert ready_session.state.training_run == other.name
        assert ready_session.state.training_done
        assert ready_session.state.base_model, "nothing before it was forgotten"
        page.enter()
        assert page.run == run

    def test_nothing_is_resumed_beside_another_training(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, scenes.training_events(10, 20, card=False))
        scenes.write_events(run, [scenes.out_of_memory()])
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: not page.is_busy())
        other = scenes.add_to_queue(ready_session, "seed 1")
        with scenes.alive(other), qtbot.waitSignal(page.failed) as told:
            page.apply()
        assert told.args[0].code == "training.other_running"
        assert not page.is_busy()

    def test_what_leaves_the_queue_while_it_is_shown_is_not_shown_any_more(
        self, ready_session: Session, open_page: Open, qtbot: QtBot
    ) -> None:
        first = scenes.add_to_queue(ready_session, "seed 1")
        second = scenes.add_to_queue(ready_session, "seed 2")
        ready_session.give(training_run=first.name)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: len(page.view.queue.rows) == 2)
        qtbot.mouseClick(page.view.queue.rows[first.name].remove, Qt.MouseButton.LeftButton)
        scenes.until(qtbot, lambda: page.run == second)

    def test_what_was_taken_out_is_put_back_after_the_page_was_left(
        self, ready_session: Session, open_page: Open, qtbot: QtBot
    ) -> None:
        run = scenes.add_to_queue(ready_session, "seed 1")
        ready_session.give(training_run=run.name)
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: len(page.view.queue.rows) == 1)
        remove = page.view.queue.rows[run.name].remove
        remove.setFocus()
        qtbot.keyClick(remove, Qt.Key.Key_Space)
        scenes.until(qtbot, lambda: page.run is None)
        assert page.view.verdict.what.text().startswith("No run is prepared.")
        assert page.primary_text() == "Change the settings"
        page.shut_down()
        again = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, again.view.queue.undo.isVisible)
        assert "“seed 1” was removed" in again.view.queue._gone.text()
        qtbot.mouseClick(again.view.queue.undo, Qt.MouseButton.LeftButton)
        scenes.until(qtbot, lambda: list(again.view.queue.rows) == [run.name])
        scenes.until(qtbot, lambda: again.run == run)
        assert not again.view.queue.undo.isVisible()
        assert again.primary_text() == "Start the queue"


@pytest.mark.usefixtures("fake_training")
def test_a_queue_that_is_started_is_followed_from_training_to_training(
    ready_session: Session, qtbot: QtBot
) -> None:
    """With the real queue and children, by mouse alone."""
    first = scenes.add_to_queue(ready_session, "seed 1")
    second = scenes.add_to_queue(ready_session, "seed 2")
    for run in (first, second):
        with_params(run, waits_at=3)
    ready_session.give(training_run=first.name)
    ready_session.go_to(Step.TRAINING)
    window = WizardWindow(ready_session)
    window.show()
    qtbot.waitExposed(window)
    page, primary = window.page, window.footer.primary
    scenes.until(qtbot, lambda: primary.text() == "Start the queue" and primary.isEnabled())
    qtbot.mouseClick(primary, Qt.MouseButton.LeftButton)
    for run in (first, second):
        scenes.until(qtbot, lambda run=run: page.run == run and page.view_model.step == 3)
        assert page.is_busy()
        assert "waits" not in page.view.verdict.what.text()
        assert page.view.pause.isVisible()
        scenes.until(qtbot, page.view.stop.isEnabled)
        assert primary.isHidden(), "nothing to press, no grey button"
        let_go_on(run)
    scenes.until(qtbot, lambda: not page.is_busy() and primary.isVisible())
    assert primary.text() == "Compare with the base model"
    qtbot.mouseClick(window.sidebar.steps.button(Step.SETTINGS), Qt.MouseButton.LeftButton)
    assert not window.offer.isVisible(), "nothing is left that could go on"
    scenes.until(qtbot, lambda: not entries.is_at_work(ready_session.require_project()))
    for job in page.control._jobs:
        job.wait()
    window.shut_down()
    window.close()


@pytest.mark.usefixtures("fake_training")
def test_a_button_that_goes_away_leaves_the_keyboard_where_no_key_does_harm(
    ready_session: Session, qtbot: QtBot
) -> None:
    """Stop greys, the main button hides: the keys after that change and start nothing."""
    run = scenes.add_run(ready_session)
    with_params(run, waits_at=3)
    ready_session.start_next(run.name)
    ready_session.go_to(Step.TRAINING)
    window = WizardWindow(ready_session)
    window.show()
    qtbot.waitExposed(window)
    page = window.page
    scenes.until(qtbot, lambda: page.view_model.step == 3 and page.view.stop.isEnabled())
    page.view.stop.setFocus()
    qtbot.keyClick(page.view.stop, Qt.Key.Key_Space)
    assert not page.view.stop.isEnabled()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_5):
        held = window.focusWidget()
        assert not isinstance(held, QAbstractButton | QLineEdit), held
        qtbot.keyClick(held or window, key)
    scenes.until(qtbot, lambda: not page.is_busy())
    assert window.session.state.current is Step.TRAINING, "no key went anywhere"
    assert window.page is page
    window.shut_down()
    window.close()


class TestOnlyReading:
    def test_a_running_training_is_followed_and_cannot_be_touched(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        scenes.write_events(run, scenes.training_events(10, 20, card=False))
        second = Session(Settings())
        second.open_project(ready_session.require_project().root)
        with scenes.alive(run):
            page = open_page(TrainingPage, second)
            scenes.until(qtbot, lambda: page.view_model.step == 10)
            page.draw()
            assert page.view.pause.isVisible()
            for button in (page.view.pause, page.view.stop):
                assert not button.isEnabled()
                assert "open elsewhere" in button.toolTip()
            scenes.write_events(run, scenes.training_events(5, 20, card=False, first=11))
            scenes.until(qtbot, lambda: page.view_model.step == 15)
            page._drop()
        assert read_request(run.control_file) is Request.RUN
        second.close()

    def test_a_prepared_training_is_not_started(
        self, ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
    ) -> None:
        second = Session(Settings())
        second.open_project(ready_session.require_project().root)
        page = open_page(TrainingPage, second)
        assert not page.is_busy()
        assert not run.events_file.exists()
        second.close()


def test_a_complete_training_is_trained_further(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    scenes.write_events(run, scenes.training_events(4, 4))
    with scenes.alive(run):
        page = open_page(TrainingPage, ready_session)
        assert page.secondary_text() == "", "it is not complete"
        scenes.finish_training(run, ready_session)
    scenes.until(qtbot, lambda: not page.is_busy())
    assert page.secondary_text() == "Train more …"
    with qtbot.waitSignal(page.sent) as sent:
        page.apply_secondary()
    assert sent.args[0] is Step.SETTINGS
    assert ready_session.state.more_of == run.name


def test_a_hidden_page_draws_when_it_is_shown(
    ready_session: Session, run: RunFolder, open_page: Open, qtbot: QtBot
) -> None:
    scenes.write_events(run, scenes.training_events(10, 20, card=False))
    with scenes.alive(run):
        page = open_page(TrainingPage, ready_session)
        scenes.until(qtbot, lambda: page.view_model.step == 10)
        page.hide()
        scenes.write_events(run, scenes.training_events(5, 20, card=False, first=11))
        scenes.until(qtbot, lambda: page.view_model.step == 15)
        page.draw()
        assert page.view.bar.value() < 15
        page.show()
        assert page.view.bar.value() == 15
        page._drop()


@pytest.mark.usefixtures("fake_training")
def test_a_project_that_is_opened_starts_nothing(
    ready_session: Session, open_page: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    """Once any job whose folder had no events was started, of any kind, with any parameters."""
    yours = Yours.make(tmp_path / "yours")
    before = yours.state()
    run = scenes.add_run(ready_session)
    params = {"paths": [str(yours.startup)], "draft_dir": str(yours.folder)}
    write_json(run.job_file, {"kind": "scan", "params": params})
    page = open_page(TrainingPage, ready_session)
    assert not page.is_busy()
    assert page.primary_text() == "Start this run"
    with qtbot.waitSignal(page.failed) as refused:
        page.apply()
    assert refused.args[0].code == "job.no_training"
    assert not page.is_busy()
    assert yours.state() == before
    assert not run.log_file.exists()


@pytest.mark.usefixtures("fake_training")
def test_a_training_that_is_ready_starts_when_it_is_asked_for(
    ready_session: Session, open_page: Open, qtbot: QtBot
) -> None:
    run = scenes.add_run(ready_session)
    page = open_page(TrainingPage, ready_session)
    assert not page.is_busy()
    assert "is ready to start" in page.view_model.verdict()[1]
    page.apply()
    assert page.is_busy()
    scenes.until(qtbot, lambda: not page.is_busy() and not is_alive(run))
    assert ready_session.state.training_done
