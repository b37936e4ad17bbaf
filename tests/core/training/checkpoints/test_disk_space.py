import signal

import pytest

from core.errors import UserFacingError
from core.events import Notice, StateChanged
from core.jobs.link import Cancelled, JobLink
from core.jobs.supervisor import read_events
from core.project import RunFolder
from core.storage.files import write_json
from core.training.checkpoints import disk_space


@pytest.fixture
def link(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_space, "POLL_SECONDS", 0.001)
    with JobLink(RunFolder(tmp_path)) as link:
        yield link


def failing(code, times):
    """Return a write that is refused so many times."""
    left = iter([code] * times)

    def write():
        for refused in left:
            raise UserFacingError(refused, "It failed.", "Mend it.")

    return write


def test_what_a_run_needs_grows_with_the_adapter_and_shrinks_with_what_is_there():
    small, large = (
        disk_space.bytes_for_a_run(1_000_000, 0),
        disk_space.bytes_for_a_run(50_000_000, 0),
    )
    assert large - small == 49_000_000 * 4 * 12
    assert disk_space.bytes_for_a_run(50_000_000, 10**9) == large - 10**9
    assert disk_space.bytes_for_a_run(50_000_000, 10**12) == disk_space.bytes_for_a_save(50_000_000)


def test_the_size_of_folders_is_counted(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").write_bytes(b"12345")
    assert disk_space.folder_bytes(tmp_path / "a", tmp_path / "missing") == 5


def test_too_little_room_names_the_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_space, "disk_free", lambda _folder: 1_234_000_000)
    disk_space.require_room(tmp_path, 1_000_000_000)
    with pytest.raises(UserFacingError) as refusal:
        disk_space.require_room(tmp_path, 3_000_000_000)
    assert refusal.value.code == "disk.full"
    assert "only 1.2 GB free" in refusal.value.what
    assert refusal.value.todo == "Free at least 1.8 GB."


@pytest.mark.parametrize("code", ["disk.full", "disk.error", "disk.no_permission"])
def test_a_refusal_is_told_once_and_waited_for(link, code):
    assert disk_space.save_or_wait(link, failing(code, 3), 10) > 0
    events = read_events(link.folder)
    (notice,) = [e for e in events if isinstance(e, Notice)]
    assert notice.code == code
    assert "he run then continues automatically." in notice.todo
    states = [(e.state, e.by_itself) for e in events if isinstance(e, StateChanged)]
    assert states == [("paused", True), ("running", False)]


def test_a_write_that_works_says_nothing(link):
    assert disk_space.save_or_wait(link, lambda: None, 10) == 0
    assert read_events(link.folder) == []


def test_a_disk_that_is_nearly_full_is_not_written_to(link, monkeypatch):
    free = iter([5, 5, 5, 5, 100])
    monkeypatch.setattr(disk_space, "disk_free", lambda _folder: next(free, 100))
    written = []
    disk_space.save_or_wait(link, lambda: written.append(next(free, 100)), 50)
    assert written == [100]


@pytest.mark.parametrize(("request_", "error"), [("stop", UserFacingError), ("cancel", Cancelled)])
def test_the_person_may_end_the_waiting(link, request_, error):
    write_json(link.folder.control_file, {"request": request_})
    with pytest.raises(error):
        disk_space.save_or_wait(link, failing("disk.full", 99), 10)


def test_the_system_may_end_the_waiting(link):
    with link.may_save_at_the_end(), pytest.raises(UserFacingError) as refusal:
        signal.raise_signal(signal.SIGTERM)
        disk_space.save_or_wait(link, failing("disk.full", 99), 10)
    assert refusal.value.code == "disk.full", "with which it is offered to go on"


def test_other_errors_are_not_waited_for(link):
    with pytest.raises(UserFacingError) as refusal:
        disk_space.save_or_wait(link, failing("training.diverged", 1), 10)
    assert refusal.value.code == "training.diverged"
