"""The job in its child process, against the loopback hub; killed, paused, continued."""

import json
import os
import signal

import pytest

from core.errors import UserFacingError
from core.events import Failed, Finished, Notice, StateChanged
from core.events import Transfer as Event
from core.jobs.link import JobLink, Request
from core.jobs.supervisor import read_events
from core.models.hub import download
from core.models.hub.download import (
    DownloadParams,
    Speed,
    on_disk,
    prepare,
    require_room,
    run_download,
)
from core.models.hub.store import (
    final_folder,
    models_folder,
    read_record,
    run_folder,
    staging_folder,
)
from core.models.inspection import inspect_model
from tests.core.models.hub.conftest import HASTE, begin, end, listed
from tests.loopback_hub import Fault, loopback_hub, model_files, wait_until

WEIGHTS = "model.safetensors"
SLACK = 100_000


@pytest.fixture
def big(hub):
    """A model of 2.6 MB that takes about two seconds."""
    hub.add("a/b", model_files(vocab=40_000))
    hub.pace = 0.006
    return listed(hub)


def transfers(supervisor):
    return [event for event in read_events(supervisor.folder) if isinstance(event, Event)]


def arrived(supervisor, least):
    return lambda: on_disk(staging_folder(supervisor.folder)) > least


def is_whole(listing):
    folder = final_folder(listing)
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [*(file.name for file in listing.files), "download.json"]
    )
    assert not any(path.is_symlink() for path in folder.iterdir())
    facts = inspect_model(folder)
    assert (facts.name, facts.licence) == ("a/b", "apache-2.0")
    assert read_record(folder) == listing
    return True


def test_a_model_becomes_a_plain_folder_that_can_be_trained(hub, big):
    supervisor = begin(hub, big)
    done = end(supervisor)
    assert isinstance(done, Finished) and done.outcome == "completed"
    assert done.result.base_model == str(models_folder() / "a--b")
    assert is_whole(big)
    assert not staging_folder(supervisor.folder).exists()
    assert hub.served[WEIGHTS] == big.weights[0].size, "each byte once"
    told = [event for event in transfers(supervisor) if event.phase == "downloading"]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert told[-1].done <= told[-1].total == big.size
    again = end(begin(hub, big))
    assert again.result == done.result
    assert hub.served[WEIGHTS] == big.weights[0].size, "it is here already"


def test_killed_in_the_middle_it_goes_on_by_range(hub, big):
    hub.add_later = hub.repos["a/b"].add(model_files(seed=9))  # the hub has a newer version by then
    for part in (0.3, 0.6):
        supervisor = begin(hub, big)
        wait_until(arrived(supervisor, part * big.size))
        os.kill(supervisor._child.pid, signal.SIGKILL)
        assert isinstance(end(supervisor), Failed)
        assert not final_folder(big).exists()
    assert isinstance(end(begin(hub, big)), Finished)
    assert is_whole(big), "the version that was agreed to"
    assert hub.served[WEIGHTS] <= big.weights[0].size + 2 * SLACK


def test_pause_and_resume(hub, big):
    supervisor = begin(hub, big)
    wait_until(arrived(supervisor, 0.3 * big.size))
    supervisor.ask(Request.PAUSE)
    wait_until(lambda: any(isinstance(e, StateChanged) for e in read_events(supervisor.folder)))
    before = on_disk(staging_folder(supervisor.folder))
    hub.ending.wait(0.5)
    assert on_disk(staging_folder(supervisor.folder)) == before
    supervisor.ask(Request.RUN)
    assert isinstance(end(supervisor), Finished)
    assert is_whole(big)
    assert hub.served[WEIGHTS] <= big.weights[0].size + SLACK


def test_stop_keeps_and_cancel_does_not(hub, big):
    supervisor = begin(hub, big)
    wait_until(arrived(supervisor, 0.2 * big.size))
    supervisor.ask(Request.STOP)
    done = end(supervisor)
    assert done.outcome == "stopped" and done.result.kept > 0.2 * big.size
    supervisor = begin(hub, big)
    wait_until(arrived(supervisor, 0.5 * big.size))
    supervisor.ask(Request.CANCEL)
    assert end(supervisor).outcome == "cancelled"
    assert not staging_folder(supervisor.folder).exists()
    assert not models_folder().exists()


def test_a_silent_hub_is_left_and_asked_again(hub, big):
    hub.pace = 0
    hub.faults += [Fault("stall", WEIGHTS, after=300_000), Fault("cut", WEIGHTS, after=300_000)]
    supervisor = begin(hub, big)
    assert isinstance(end(supervisor), Finished)
    said = [e for e in read_events(supervisor.folder) if isinstance(e, Notice)]
    assert {e.code for e in said} == {"download.waits"}
    assert hub.served[WEIGHTS] <= big.weights[0].size + 2 * SLACK


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("flip", WEIGHTS, times=-1, after=500), "hub.wrong_hash"),
        (Fault("status", WEIGHTS, times=-1, value=500), "hub.down"),
    ],
)
def test_what_fails_is_said_and_kept_for_the_next_try(hub, big, fault, code):
    hub.pace = 0
    hub.faults.append(fault)
    failed = end(begin(hub, big))
    assert isinstance(failed, Failed) and failed.code == code
    assert not final_folder(big).exists()
    hub.faults.clear()
    assert isinstance(end(begin(hub, big)), Finished)
    assert hub.served["tokenizer.json"] == len(model_files()["tokenizer.json"]), "not fetched again"


def test_a_model_whose_bytes_are_right_and_useless_is_not_accepted(hub):
    hub.add("a/b", model_files() | {WEIGHTS: b"no safetensors"})
    failed = end(begin(hub, listed(hub)))
    assert failed.code == "model.damaged"
    assert not models_folder().exists()


def test_terms_that_are_accepted_later(hub):
    repo = hub.add("a/b", gated="auto")
    listing = listed(hub)
    failed = end(begin(hub, listing))
    assert failed.code == "hub.gated" and "1. " in failed.todo
    repo.gated = False
    assert isinstance(end(begin(hub, listing)), Finished)


def test_large_files_from_a_store_elsewhere(monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with loopback_hub(store=True) as hub:
        hub.add("a/b", model_files(parts=2))
        assert isinstance(end(begin(hub, listing := listed(hub))), Finished)
    assert is_whole(listing)


def test_another_version_takes_over_what_is_the_same(hub, tmp_path):
    files = model_files()
    repo = hub.add("a/b", files)
    old = listed(hub)
    repo.add(files | {WEIGHTS: model_files(seed=5)[WEIGHTS]})
    new = listed(hub)
    folder = tmp_path / "files"
    prepare(folder, old)
    for name in ("config.json", WEIGHTS):
        (folder / name).write_bytes(b"kept")
    (folder / "tokenizer.json.part").write_bytes(b"kept")
    (folder / "stranger").mkdir()
    (folder / "LICENSE").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").write_text("not ours")
    prepare(folder, new)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "download.json", "tokenizer.json.part",
    ]  # fmt: skip
    assert (tmp_path / "outside").read_text() == "not ours"
    prepare(folder, new)
    assert (folder / "config.json").exists()


def test_a_disk_without_room_is_refused_before_the_first_byte(hub, big, monkeypatch, tmp_path):
    class Nothing:
        folder = tmp_path / "x" / "files"

        def on_disk(self, _file):
            return 0

    monkeypatch.setattr(download, "disk_free", lambda _: 1_000_000)
    with pytest.raises(UserFacingError) as refusal:
        require_room(Nothing(), big)
    assert refusal.value.code == "hub.disk_full"
    assert "Free at least 0.5 GB" in refusal.value.todo
    monkeypatch.setattr(download, "disk_free", lambda _: None)
    require_room(Nothing(), big)


def test_ten_gigabytes_announced_and_a_disk_of_one(hub, monkeypatch):
    """The list may lie about sizes; the disk is asked, and nothing is fetched."""
    hub.add("a/b", lies={WEIGHTS: {"lfs_size": 10**10}})
    monkeypatch.setattr(download, "disk_free", lambda _: 10**9)
    run = run_folder("a/b")
    params = DownloadParams(listing=listed(hub), endpoint=hub.url, patience=HASTE)
    with JobLink(run) as link, pytest.raises(UserFacingError) as refusal:
        run_download(run, params, link)
    assert refusal.value.code == "hub.disk_full"
    assert not hub.served


def test_speed_is_measured_over_the_last_seconds():
    speed = Speed()
    for second in range(4):
        speed.note(second, second * 100)
        assert (speed.rate is None) is (second < 2)
    assert speed.rate == 100 and speed.left(300) == 3
    for second in range(4, 30):
        speed.note(second, 300 + (second - 3) * 50)
    assert speed.rate == 50
    speed.note(31, 10)
    assert speed.rate is None, "a file began again"


def test_no_secret_in_what_is_written(hub, big, home):
    from core.models.hub.connection import checked_endpoint
    from core.models.hub.tokens import keep_token
    from tests.loopback_hub import TOKEN

    keep_token(checked_endpoint(hub.url), TOKEN)
    supervisor = begin(hub, big)
    end(supervisor)
    assert any(key for _, _, key in hub.seen), "it was sent"
    for path in supervisor.folder.root.rglob("*"):
        assert path.is_dir() or TOKEN not in path.read_text("utf-8", "replace"), path
    assert json.loads(supervisor.folder.job_file.read_text())["kind"] == "download"
