import pytest

from core.files import write_json
from core.jobs.events import Progress
from core.jobs.link import Cancelled, JobLink, Request, read_request
from core.jobs.supervisor import EventTail, read_events


def test_a_torn_line_does_not_spoil_the_next(folder):
    folder.events_file.write_bytes(b'{"kind":"progress","pha')
    with JobLink(folder) as link:
        link.progress("Going on")
    tail = EventTail(folder.events_file)
    assert [event.phase for event in tail.new_events()] == ["Going on"]
    assert tail.unreadable == 1


def test_events_are_stamped_with_a_rising_clock(folder):
    with JobLink(folder) as link:
        for _ in range(3):
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
