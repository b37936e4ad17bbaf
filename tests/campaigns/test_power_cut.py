"""Short form of the campaign: 50 power cuts, ten of them in the middle of a real training."""

import errno
import os
import random
import subprocess
import sys

import pytest

from core.storage import files
from core.storage.files import make_folder, write_bytes
from tests.campaigns import power_cut
from tests.campaigns.forgetful_disk import Record
from tests.campaigns.forked_runs import ForkedRuns, Tally
from tests.campaigns.power_cut_scenes import SmallFiles, record_in_child

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="the writer is forked")


def test_nothing_that_was_promised_is_lost():
    command = [sys.executable, "-m", "tests.campaigns.power_cut", "--cases", "50"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "cases 50, failures 0"


def test_small_files_and_data(tmp_path):
    tally = Tally()
    scenes = power_cut.light_scenes()
    power_cut.play(scenes, 240, 7, tmp_path, tally)
    assert (tally.cases, tally.failures) == (240, [])


def states(tmp_path, work, count=60):
    """Return what different power cuts at the end leave of what ``work`` wrote."""
    root, log = tmp_path / "disk", tmp_path / "log"
    assert (
        ForkedRuns.wait(record_in_child(root, log, root.mkdir, lambda r: (work(root), r.look())))
        == 0
    )
    record = Record.load(log)
    found = []
    for case in range(count):
        place = tmp_path / f"state {case}"
        record.leave(len(record.moments) - 1, random.Random(case), place)
        found.append(
            {
                path.relative_to(place).as_posix(): path.read_bytes()
                for path in place.rglob("*")
                if path.is_file()
            }
        )
    return found


def test_what_is_not_synced_is_empty_torn_zero_or_gone(tmp_path):
    found = states(tmp_path, lambda root: (root / "a").write_bytes(b"abcd"), 400)
    contents = [state.get("a") for state in found]
    assert {None, b"", b"abcd", bytes(4), b"ab"} <= set(contents)


def test_what_is_synced_stays(tmp_path):
    def work(root):
        make_folder(root / "new" / "newer")
        write_bytes(root / "new" / "newer" / "a", b"first")
        write_bytes(root / "new" / "newer" / "a", b"second")

    assert all(state == {"new/newer/a": b"second"} for state in states(tmp_path, work))


def test_a_folder_that_is_not_synced_takes_its_files_along(tmp_path):
    def work(root):
        (root / "new").mkdir()
        write_bytes(root / "new" / "a", b"a")

    assert {} in states(tmp_path, work)


def test_a_rename_may_not_have_happened(tmp_path):
    def work(root):
        write_bytes(root / "a", b"old")
        write_bytes(root / "b", b"new")
        (root / "b").replace(root / "a")

    found = states(tmp_path, work)
    assert {"a": b"old", "b": b"new"} in found
    assert {"a": b"new"} in found
    assert all(state.get("a") for state in found)


def test_a_disk_that_is_not_asked_to_keep_is_noticed(tmp_path, monkeypatch):
    """The campaign itself can fail."""
    monkeypatch.setattr(files, "fsync_directory", lambda _folder: None)
    tally = Tally()
    power_cut.play({"small files": SmallFiles()}, 30, 0, tmp_path, tally)
    assert any("is gone" in text or "There is no" in text for text in tally.failures)


def test_a_recording_that_breaks_off_is_a_failure(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    tally = Tally()
    power_cut.play({"small files": SmallFiles()}, 5, 0, tmp_path, tally)
    assert "ended with 1" in tally.failures[0]
