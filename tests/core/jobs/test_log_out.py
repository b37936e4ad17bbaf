import pytest
from filelock import FileLock

from core.events import StateChanged, to_line
from core.jobs.link import Request, read_request
from core.jobs.log_out import log_out_waits, save_before_log_out

PAUSED, RUNNING = StateChanged(state="paused", reason=""), StateChanged(state="running")


def tell(folder, *events):
    with folder.events_file.open("a", encoding="utf-8") as stream:
        stream.writelines(to_line(event) for event in events)


def test_it_answers_when_the_run_has_saved(folder):
    slept = []

    def sleep(_seconds):
        """Stands in for the time that a run needs to its next step: it saves, then says so."""
        assert read_request(folder.control_file) is Request.PAUSE
        slept.append(1)
        if len(slept) == 4:
            tell(folder, PAUSED)

    tell(folder, RUNNING)
    with FileLock(folder.lock_file):
        assert save_before_log_out(folder, sleep=sleep)
    assert len(slept) == 4


def test_a_pause_that_is_over_does_not_count(folder):
    tell(folder, PAUSED, RUNNING)
    with FileLock(folder.lock_file):
        assert not save_before_log_out(folder, 0.3, sleep=lambda _seconds: None)


def test_a_run_that_has_ended_needs_no_waiting(folder):
    tell(folder, RUNNING)
    assert save_before_log_out(folder, sleep=lambda _seconds: pytest.fail("waited"))


def test_the_reason_is_shown_where_the_system_asks_for_one():
    with log_out_waits(0, "The run is being saved."):
        pass
