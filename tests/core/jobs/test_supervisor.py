"""Transcripts of a supervisor with a real child process."""

import errno
import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from core.errors import UserFacingError
from core.events import (
    Failed,
    Finished,
    Progress,
    SampleAnswer,
    Started,
    StateChanged,
    to_line,
)
from core.jobs import supervisor as supervisor_module
from core.jobs.link import ALREADY_RUNNING, Request
from core.jobs.spec import write_spec
from core.jobs.status import RunState, state_of
from core.jobs.supervisor import EventTail, Supervisor, is_alive, read_events, worker_command
from core.project import RunFolder
from core.storage.files import write_json
from tests.core.jobs.fake_child import FakeResult, fake
from tests.foreign_files import Yours, put_odd

pytestmark = pytest.mark.usefixtures("fake_worker")


def started(folder: RunFolder, behaviour: str) -> Supervisor:
    supervisor = Supervisor(folder)
    supervisor.start(fake(behaviour))
    return supervisor


def last(supervisor: Supervisor):
    return list(supervisor.follow())[-1]


def wait_for(folder: RunFolder, kind: type, *, after: int = 0, seconds: float = 60.0):
    """Return the first event of a kind that comes after so many events of any kind."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for event in read_events(folder)[after:]:
            if isinstance(event, kind):
                return event
        time.sleep(0.02)
    raise AssertionError(f"no {kind.__name__} in {seconds} s")


def test_a_job_tells_its_progress_and_its_result(folder):
    events = list(started(folder, "succeed").follow())
    assert [type(e) for e in events] == [Started, Progress, Progress, Progress, Finished]
    assert events[-1].result == FakeResult(answer=42)
    assert events[-1].outcome == "completed"
    assert not is_alive(folder)


def test_foreign_lines_are_counted_and_never_fatal(folder):
    events = list(started(folder, "babble").follow())
    assert isinstance(events[-1], Finished)
    tail = EventTail(folder.events_file)
    tail.new_events()
    assert tail.unreadable == 3
    assert "noise" in folder.log_file.read_text()


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("fail", "fake.failed"),
        ("bug", "job.bug"),
        ("die", "job.killed"),
        ("segfault", "job.signal"),
        ("exit", "job.crashed"),
        ("disk", "disk.full"),
    ],
)
def test_every_death_becomes_a_sentence_with_a_next_step(folder, behaviour, code):
    end = last(started(folder, behaviour))
    assert isinstance(end, Failed)
    assert end.code == code
    assert end.what.endswith(".")
    assert end.todo.endswith(".")


def test_last_words_are_kept_as_details(folder):
    assert "last words" in last(started(folder, "die")).details


def test_pause_run_and_stop(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    supervisor.ask(Request.PAUSE)
    assert wait_for(folder, StateChanged).state == "paused"
    ticks = len(read_events(folder))
    time.sleep(0.3)
    assert len(read_events(folder)) == ticks, "a paused job must not go on"
    supervisor.ask(Request.RUN)
    wait_for(folder, Progress, after=ticks)
    supervisor.ask(Request.STOP)
    end = last(supervisor)
    assert end.outcome == "stopped"
    assert end.result.ticks > 0


@pytest.mark.parametrize("paused", [False, True])
def test_a_log_out_waits_until_the_work_is_saved(folder, paused):
    supervisor = started(folder, "save at the end")
    wait_for(folder, Progress)
    if paused:
        supervisor.ask(Request.PAUSE)
        wait_for(folder, StateChanged)
    os.kill(int(folder.pid_file.read_text()), signal.SIGTERM)
    end = last(supervisor)
    assert isinstance(end, Failed)
    assert end.code == "job.ended"
    assert read_events(folder)[-2].phase == "Saving"
    assert state_of(folder) is RunState.INTERRUPTED, "so that it is offered to go on"


def test_a_log_out_ends_at_once_what_has_nothing_to_save(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    os.kill(int(folder.pid_file.read_text()), signal.SIGTERM)
    assert last(supervisor).code == "job.signal"


def test_cancel_keeps_nothing(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    supervisor.ask(Request.CANCEL)
    assert last(supervisor).outcome == "cancelled"


def test_another_supervisor_follows_the_whole_job(folder):
    """The window was closed and opened again: a new supervisor sees everything from the start."""
    first = started(folder, "obey")
    wait_for(folder, Progress)
    second = Supervisor(folder)
    second.attach()
    assert second.is_alive()
    second.ask(Request.STOP)
    seen = list(second.follow())
    assert isinstance(seen[0], Started)
    assert isinstance(seen[-1], Finished)
    assert list(first.follow()) == seen


def test_a_foreign_child_that_was_killed_is_noticed(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    watcher = Supervisor(folder)
    watcher.attach()
    psutil.Process(supervisor._child.pid).send_signal(signal.SIGKILL)
    supervisor.wait()
    assert last(watcher).code == "job.killed"


def test_a_second_start_is_refused_while_the_first_lives(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    with pytest.raises(UserFacingError) as refusal:
        Supervisor(folder).start(fake("succeed"))
    assert refusal.value.code == "job.already_running"
    supervisor.ask(Request.STOP)
    assert last(supervisor).outcome == "stopped"


def test_of_two_children_started_at_once_both_supervisors_follow_the_one_that_works(folder):
    """As after a window that was killed before its child had taken the lock."""
    first = started(folder, "obey")
    wait_for(folder, Progress)
    second = Supervisor(folder)
    second._begin()  # past the check, as if nobody had been there yet
    assert second.wait() == ALREADY_RUNNING
    first.ask(Request.STOP)
    assert last(second).outcome == "stopped"
    assert last(first).outcome == "stopped"


def test_what_another_child_has_just_done_is_not_done_twice(folder):
    """It ends while the second one waits for its lock."""
    first, second = Supervisor(folder), Supervisor(folder)
    write_spec(folder, fake("succeed"))
    first._begin()
    second._begin()  # past the check: neither has the lock yet
    for supervisor in (first, second):
        events = list(supervisor.follow())
        assert [type(e) for e in events].count(Started) == 1
        assert isinstance(events[-1], Finished)
    codes = sorted((first.wait() or 0, second.wait() or 0))
    assert codes in ([0, 0], [0, ALREADY_RUNNING])
    assert [type(e) for e in read_events(folder)].count(Finished) == 1


def test_a_restart_in_the_same_folder_does_not_repeat_the_old_end(folder):
    assert isinstance(last(started(folder, "die")), Failed)
    again = list(started(folder, "succeed").follow())
    assert isinstance(again[0], Started)
    assert isinstance(again[-1], Finished)
    whole = Supervisor(folder)
    whole.attach()
    assert list(whole.follow())[-1] == again[-1]


def test_following_can_be_left(folder):
    supervisor = started(folder, "obey")
    stop = threading.Event()
    for _event in supervisor.follow(stop):
        stop.set()
    assert supervisor.is_alive()
    supervisor.ask(Request.STOP)
    assert last(supervisor).outcome == "stopped"


def test_an_unknown_job_is_refused_in_words(folder):
    supervisor = Supervisor(folder)
    write_json(folder.job_file, {"kind": "no such job", "params": {}})
    supervisor._begin()
    end = last(supervisor)
    assert end.code == "job.unknown"


def test_a_half_written_line_waits_for_its_end(tmp_path):
    path = tmp_path / "events.jsonl"
    line = b'{"kind":"progress","phase":"x"}\n'
    path.write_bytes(line + line[:10])
    tail = EventTail(path)
    assert len(tail.new_events()) == 1
    with path.open("ab") as stream:
        stream.write(line[10:])
    assert len(tail.new_events()) == 1
    assert tail.unreadable == 0


def test_a_line_ends_at_a_line_feed_only(folder):
    """Answers may hold U+2028 and U+0085, which JSON leaves as they are."""
    told = [SampleAnswer(step=n, question="a\u2028b\x85c", answer="é" * 40_000) for n in range(9)]
    content = "".join(map(to_line, told)).encode()
    folder.events_file.write_bytes(content + b'{"kind": "torn')
    tail = EventTail(folder.events_file)
    assert tail.new_events() == told
    assert (tail.offset, tail.unreadable) == (len(content), 0)
    assert tail.new_events() == []


def test_a_full_disk_does_not_keep_the_person_from_stopping(folder, monkeypatch):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)

    def full(*_arguments, **_options):
        raise UserFacingError("disk.full", "The disk is full.", "Free some space.")

    monkeypatch.setattr(supervisor_module, "write_json", full)
    supervisor.ask(Request.STOP)
    assert last(supervisor).outcome == "stopped"


@pytest.mark.parametrize("name", ["log.txt", "events.jsonl", "control.json", "job.json"])
def test_a_job_writes_through_no_link(folder, tmp_path, name):
    """A log that was a link into a start-up file once got a command through an error's text."""
    yours = Yours.make(tmp_path / "yours")
    before = yours.state()
    (folder.root / name).symlink_to(yours.startup)
    with pytest.raises(UserFacingError) as refusal:
        Supervisor(folder).start(fake("succeed"))
    assert refusal.value.code == "file.odd"
    assert yours.state() == before


def test_a_program_file_that_is_gone_is_named_and_no_disk_is_blamed(folder, tmp_path, monkeypatch):
    python = tmp_path / "python3"
    python.symlink_to(python)  # what an interrupted installation left: it leads to itself
    monkeypatch.setattr(supervisor_module, "worker_command", lambda _folder: [str(python)])
    with pytest.raises(UserFacingError) as refusal:
        Supervisor(folder).start(fake("succeed"))
    assert refusal.value.code == "job.not_started"
    assert str(python) in refusal.value.what
    assert "Install it again" in refusal.value.todo
    assert not is_alive(folder)


def test_a_full_computer_is_no_damaged_installation(folder, monkeypatch):
    def refuse(*_arguments, **_more):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(supervisor_module, "start_child", refuse)
    with pytest.raises(UserFacingError) as refusal:
        Supervisor(folder).start(fake("succeed"))
    assert refusal.value.code == "job.no_room"


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_events_that_are_no_file_tell_nothing(folder, kind):
    put_odd(folder.events_file, kind)
    put_odd(folder.log_file, kind)
    assert read_events(folder) == []
    assert state_of(folder) is RunState.INTERRUPTED
    with pytest.raises(UserFacingError):
        Supervisor(folder).start(fake("succeed"))


def test_a_line_without_end_is_passed_over_once(folder, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_LONGEST_LINE", 200_000)
    good = to_line(Started(job="train")).encode()
    folder.events_file.write_bytes(good + b"x" * 300_000 + b"\n" + good + b"y" * 300_000)
    tail = EventTail(folder.events_file)
    assert len(tail.new_events()) == 2
    assert tail.unreadable == 2
    assert tail.offset == folder.events_file.stat().st_size
    with folder.events_file.open("ab") as stream:
        stream.write(b"y\n" + good)
    assert len(tail.new_events()) == 1


def test_long_lines_take_time_by_their_length(folder):
    with folder.events_file.open("wb") as stream:
        stream.truncate(300_000_000)  # zeros, no line feed
    began = time.process_time()
    assert read_events(folder) == []
    assert time.process_time() - began < 5


def test_a_hole_of_a_terabyte_is_not_read_through(folder):
    good = to_line(Started(job="train")).encode()
    folder.events_file.write_bytes(good)
    with folder.events_file.open("ab") as stream:
        stream.truncate(1 << 40)
        stream.write(b"\n" + good)
    began = time.process_time()
    tail = EventTail(folder.events_file)
    assert len(tail.new_events()) == 2
    assert tail.unreadable == 1
    assert tail.offset == folder.events_file.stat().st_size
    assert time.process_time() - began < 5


def test_a_job_that_does_not_obey_is_ended(folder):
    supervisor = started(folder, "deaf")
    wait_for(folder, Progress)
    child = psutil.Process(supervisor._child.pid)
    supervisor.end(0.2)
    assert not child.is_running()
    supervisor.end()


def test_a_job_that_obeys_ends_by_itself(folder):
    supervisor = started(folder, "obey")
    wait_for(folder, Progress)
    supervisor.end(30)
    assert isinstance(read_events(folder)[-1], Finished)


def test_a_child_is_told_its_whole_path(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    command = worker_command(RunFolder(Path("runs/train-001")))
    assert command[-1] == str(tmp_path / "runs" / "train-001")
