import time
from pathlib import Path

import pytest

from core.errors import UserFacingError
from core.models.hub.listing import RemoteFile
from core.models.hub.transfer import Sink, SurplusError, Transfer, hash_matches
from tests.core.models.hub.conftest import HASTE, listed, reach
from tests.loopback_hub import Fault, git_sha1, loopback_hub, model_files

WEIGHTS = "model.safetensors"
SLACK = 150_000  # bytes that may lie in the buffers of both ends when a connection ends


def fetch(hub, folder, name=WEIGHTS, watch=lambda _: None, **changes):
    """Fetch one file; return what was said."""
    said = []
    listing = listed(hub)
    file = next(file for file in listing.files if file.name == name)
    with reach(hub, **changes) as way:
        transfer = Transfer(
            way, listing, folder, watch, time.sleep, said.append, check=lambda _: None
        )
        transfer.fetch(file)
        assert transfer.on_disk(file) == file.size
    return said


@pytest.fixture
def files(hub):
    found = model_files(vocab=9000)
    hub.add("a/b", found)
    return found


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [Fault("cut", after=100_000)],
        [Fault("cut", after=0)],
        [Fault("cut", after=100_000), Fault("cut", after=50_000), Fault("cut", after=1)],
        [Fault("stall", after=100_000)],
        [Fault("close")],
        [Fault("hang")],
        [Fault("status", value=500), Fault("status", value=503)],
        [Fault("status", value=(429, "0"))],
        [Fault("promises", after=0)],
        [Fault("short", after=70_000)],
        [Fault("html")],
    ],
)
def test_what_passes_is_waited_for_and_no_byte_comes_twice(hub, files, tmp_path, faults):
    hub.faults += [Fault(f.kind, WEIGHTS, f.times, f.after, f.value) for f in faults]
    said = fetch(hub, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == files[WEIGHTS]
    assert hub.served[WEIGHTS] <= len(files[WEIGHTS]) + len(faults) * SLACK
    assert bool(said) is bool(faults)
    assert [path.name for path in tmp_path.iterdir()] == [WEIGHTS]


def test_the_hub_is_asked_for_the_rest_only(hub, files, tmp_path):
    (tmp_path / f"{WEIGHTS}.part").write_bytes(files[WEIGHTS][:200_000])
    fetch(hub, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == files[WEIGHTS]
    assert hub.served[WEIGHTS] == len(files[WEIGHTS]) - 200_000


def test_a_whole_part_and_a_verified_file_are_not_asked_for(hub, files, tmp_path):
    (tmp_path / f"{WEIGHTS}.part").write_bytes(files[WEIGHTS])
    fetch(hub, tmp_path)
    fetch(hub, tmp_path)
    assert hub.served[WEIGHTS] == 0


@pytest.mark.parametrize("spoiled", [b"\0" * 200_000, b"x" * 10_000_000])
def test_a_part_with_wrong_bytes_is_found_and_fetched_again(hub, files, tmp_path, spoiled):
    """As after a power cut: the right length, but zeros."""
    (tmp_path / f"{WEIGHTS}.part").write_bytes(spoiled)
    fetch(hub, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == files[WEIGHTS]


@pytest.mark.parametrize("kind", ["ignore_range", "no_range", "wrong_piece"])
def test_a_hub_that_cannot_continue_begins_again(hub, files, tmp_path, kind):
    (tmp_path / f"{WEIGHTS}.part").write_bytes(files[WEIGHTS][:200_000])
    hub.faults.append(Fault(kind, WEIGHTS))
    fetch(hub, tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == files[WEIGHTS]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("flip", times=-1, after=1000), "hub.wrong_hash"),
        (Fault("long", times=-1), "hub.wrong_size"),
        (Fault("short", times=-1, after=9), "hub.wrong_size"),
        (Fault("cut", times=-1, after=0), "hub.broke_off"),
        (Fault("stall", times=-1, after=0, value=2), "hub.broke_off"),
        (Fault("html", times=-1), "hub.bad_answer"),
        (Fault("drip", times=-1, value=0.2), "hub.too_slow"),
        (Fault("status", times=-1, value=404), "hub.no_model"),
        (Fault("status", times=-1, value=403), "hub.forbidden"),
        (Fault("status", times=-1, value=500), "hub.down"),
        (Fault("status", times=-1, value=(429, "3600")), "hub.busy"),
        (Fault("status", times=-1, value=407), "hub.proxy_login"),
        (Fault("status", times=-1, value=416), "hub.no_range"),
        (Fault("redirect", times=-1), "hub.bad_answer"),
    ],
)
def test_what_does_not_pass_is_said_and_nothing_wrong_is_kept(hub, files, tmp_path, fault, code):
    fault.where = WEIGHTS
    hub.faults.append(fault)
    with pytest.raises(UserFacingError) as refusal:
        fetch(hub, tmp_path)
    assert refusal.value.code == code
    assert refusal.value.todo
    assert not (tmp_path / WEIGHTS).exists()


def test_wrong_bytes_once_are_fetched_once_more(hub, files, tmp_path):
    hub.faults.append(Fault("flip", WEIGHTS, after=1000))
    assert "once more" in fetch(hub, tmp_path)[0]
    assert (tmp_path / WEIGHTS).read_bytes() == files[WEIGHTS]


def test_a_file_that_is_gone(hub, files, tmp_path):
    listing = listed(hub)
    del hub.repos["a/b"].versions[listing.commit][WEIGHTS]
    with reach(hub) as way, pytest.raises(UserFacingError) as refusal:
        transfer = Transfer(way, listing, tmp_path, print, time.sleep, print, print)
        transfer.fetch(next(f for f in listing.files if f.name == WEIGHTS))
    assert refusal.value.code == "hub.file_gone"


def test_an_address_that_expired_is_asked_for_again(monkeypatch, tmp_path):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with loopback_hub(store=True) as hub:
        hub.add("a/b")
        hub.faults.append(Fault("status", where=f"{hub.repos['a/b'].head}/a/b/", value=403))
        fetch(hub, tmp_path)
    assert (tmp_path / WEIGHTS).is_file()


def test_a_small_file_is_verified_by_its_git_hash(hub, files, tmp_path):
    fetch(hub, tmp_path, "config.json")
    hub.faults.append(Fault("flip", "tokenizer.json", times=-1, after=5))
    with pytest.raises(UserFacingError) as refusal:
        fetch(hub, tmp_path, "tokenizer.json")
    assert refusal.value.code == "hub.wrong_hash"


def test_a_request_to_stop_is_heard_at_every_piece(hub, files, tmp_path):
    class EnoughError(Exception):
        pass

    def watch(done):
        if done > 100_000:
            raise EnoughError

    with pytest.raises(EnoughError):
        fetch(hub, tmp_path, watch=watch)
    part = tmp_path / f"{WEIGHTS}.part"
    assert part.read_bytes() == files[WEIGHTS][: part.stat().st_size]
    assert part.stat().st_size > 100_000


def test_a_disk_that_is_full(hub, files, tmp_path):
    with Path("/dev/full").open("wb", buffering=0) as full:
        sink = Sink(full, 10, lambda _: None, 9, 0)
        with pytest.raises(OSError, match="No space"):
            sink.write(b"abc")


def test_no_byte_more_than_listed(tmp_path):
    with (tmp_path / "x").open("ab", buffering=0) as stream:
        sink = Sink(stream, 10, lambda _: None, 9, 0)
        sink.write(b"12345")
        with pytest.raises(SurplusError):
            sink.write(b"678901")
        assert sink.tell() == 5


def test_hashes(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"hello")
    good = RemoteFile(name="x", size=5, git_sha1=git_sha1(b"hello"))
    assert hash_matches(path, good)
    assert not hash_matches(path, good.model_copy(update={"size": 6}))
    assert not hash_matches(path, RemoteFile(name="x", size=5, sha256="0" * 64))
    assert not hash_matches(tmp_path / "none", good)
    assert HASTE.tries == 3
