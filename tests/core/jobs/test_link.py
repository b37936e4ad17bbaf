import errno
import os
import signal

import pytest

from core.events import Progress
from core.jobs.link import Cancelled, JobLink, Request, read_request
from core.jobs.supervisor import EventTail, read_events
from core.language import _, use
from core.storage.files import write_json


def test_a_torn_line_does_not_spoil_the_next(folder):
    folder.events_file.write_bytes(b'{"kind":"progress","pha')
    with JobLink(folder) as link:
        link.progress("Going on")
    tail = EventTail(folder.events_file)
    assert [event.phase for event in tail.new_events()] == ["Going on"]
    assert tail.unreadable == 1


def test_each_phase_is_told_as_one_of_several_parts(folder):
    with JobLink(folder) as link:
        link.in_parts(2)
        link.progress("Loading")
        for done in (1, 2):
            link.progress("Answering", done, 2, "questions")
    told = [(event.phase, event.done) for event in read_events(folder)]
    assert told == [
        ("Part 1 of 2: Loading", 0), ("Part 2 of 2: Answering", 1), ("Part 2 of 2: Answering", 2)
    ]  # fmt: skip
    assert [event.share() for event in read_events(folder)] == [0, 0.75, 1]


def test_a_part_is_told_in_the_language_of_the_reader(folder):
    with JobLink(folder) as link:
        link.in_parts(2)
        link.progress(_("Loading the base model"))
    use("en_XA")
    try:
        (event,) = read_events(folder)
        assert str(_("Loading the base model")) in event.phase
        assert not event.phase.startswith("Part")
    finally:
        use("en")


def test_events_are_stamped_with_a_rising_clock(folder):
    with JobLink(folder) as link:
        for _number in range(3):
            link.emit(Progress(phase="x"))
    times = [event.at for event in read_events(folder)]
    assert times == sorted(times)
    assert times[0] >= 0


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"request": "dance"}'])
def test_a_damaged_control_file_means_to_go_on(folder, content):
    folder.control_file.write_text(content)
    assert read_request(folder.control_file) is Request.RUN


def test_cancel_takes_effect_at_the_next_progress(folder):
    write_json(folder.control_file, {"request": "cancel"})
    with JobLink(folder) as link, pytest.raises(Cancelled):
        link.progress("x")


@pytest.mark.parametrize(
    ("asked", "request_then"),
    [("run", "end"), ("pause", "end"), ("stop", "stop"), ("cancel", "cancel")],
)
def test_the_end_by_the_system_comes_after_what_the_person_ends(folder, asked, request_then):
    write_json(folder.control_file, {"request": asked})
    before = signal.getsignal(signal.SIGTERM)
    with JobLink(folder) as link, link.may_save_at_the_end():
        assert link.request() == asked
        signal.raise_signal(signal.SIGTERM)
        assert link.request() == request_then
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_full_disk_delays_events_and_loses_none(folder, monkeypatch):
    """Also when the disk took a part of a line."""
    real, taken = os.write, iter([5, 0, 0])

    def full(descriptor, content):
        length = next(taken, None)
        if length is None:
            return real(descriptor, content)
        if length:
            return real(descriptor, content[:length])
        raise OSError(errno.ENOSPC, "No space left on device")

    with JobLink(folder) as link:
        monkeypatch.setattr(os, "write", full)
        for number in range(4):
            link.emit(Progress(phase="x", done=number))
    assert [event.done for event in read_events(folder)] == [0, 1, 2, 3]


def test_the_last_event_waits_for_the_end(folder, monkeypatch):
    real = os.write
    with JobLink(folder) as link:
        monkeypatch.setattr(os, "write", _refuse)
        link.emit(Progress(phase="last"))
        monkeypatch.setattr(os, "write", real)
    assert [event.phase for event in read_events(folder)] == ["last"]


def _refuse(_descriptor, _content):
    raise OSError(errno.EIO, "Input/output error")
