import pytest

from core.events import StateChanged
from core.jobs.link import Request, read_request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder
from gui.shell import closing, log_out
from gui.shell.closing import Closing
from gui.wizard.session import Session
from tests.gui import scenes


@pytest.fixture
def run(ready_session: Session) -> RunFolder:
    run = scenes.add_run(ready_session)
    scenes.write_events(run, scenes.training_events(5, 20))
    return run


class Pauses:
    """Stands in for the time that a run needs to its next step: it saves, then says so."""

    def __init__(self, run: RunFolder, after: int) -> None:
        self._run, self._after, self.slept = run, after, 0

    def __call__(self, _seconds: float) -> None:
        self.slept += 1
        assert read_request(self._run.control_file) is Request.PAUSE
        if self.slept == self._after:
            scenes.write_events(self._run, [StateChanged(state="paused", reason="You paused it.")])


def test_it_answers_when_the_run_has_saved(run: RunFolder) -> None:
    pauses = Pauses(run, after=4)
    with scenes.alive(run):
        assert log_out.save_before_log_out(run, sleep=pauses)
    assert pauses.slept == 4


def test_a_pause_that_is_over_does_not_count(run: RunFolder) -> None:
    changes = [StateChanged(state="paused", reason=""), StateChanged(state="running")]
    scenes.write_events(run, changes)
    with scenes.alive(run):
        assert not log_out.save_before_log_out(run, 0.3, sleep=lambda _seconds: None)


def test_a_run_that_has_ended_needs_no_waiting(run: RunFolder) -> None:
    assert log_out.save_before_log_out(run, sleep=lambda _seconds: pytest.fail("waited"))


def test_a_log_out_that_did_not_take_place_lets_the_run_continue(
    run: RunFolder, ready_session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: object
) -> None:
    from PySide6.QtWidgets import QWidget

    ready_session.change_settings(when_closing="go_on")
    monkeypatch.setattr(closing, "ends_without_signal", lambda: True)
    monkeypatch.setattr(log_out.time, "sleep", Pauses(run, after=1))
    window = QWidget()
    ends = Closing(ready_session, window)
    with scenes.alive(run):
        scenes.write_events(run, [StateChanged(state="paused", reason="")])
        ends.log_out()
        assert read_request(run.control_file) is Request.PAUSE
        ends.stay()
        assert read_request(run.control_file) is Request.RUN
        Supervisor(run).ask(Request.PAUSE)  # by the user, before the log-out
        ends.log_out()
        ends.stay()
        assert read_request(run.control_file) is Request.PAUSE
    window.deleteLater()


def test_elsewhere_the_run_hears_it_itself(
    run: RunFolder, ready_session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: object
) -> None:
    from PySide6.QtWidgets import QWidget

    ready_session.change_settings(when_closing="go_on")
    monkeypatch.setattr(closing, "ends_without_signal", lambda: False)
    window = QWidget()
    ends = Closing(ready_session, window)
    with scenes.alive(run):
        ends.log_out()
        ends.stay()
        assert read_request(run.control_file) is Request.RUN
    window.deleteLater()
