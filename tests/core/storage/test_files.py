import errno
import os
import stat

import pytest

from core.errors import UserFacingError
from core.storage import files
from core.storage.files import (
    explain_os_error,
    explained_io,
    fsync_contents,
    leads_out,
    make_folder,
    overwrite_small,
    read_json,
    sha256_of,
    write_bytes,
    write_json,
)

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_writing_replaces_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "Ordner ü 🙂" / "a.json"
    write_json(path, {"x": "漢字"})
    write_json(path, {"x": 2})
    assert read_json(path) == {"x": 2}
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_a_failed_write_keeps_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_bytes(path, b"old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserFacingError) as refusal:
        write_bytes(path, b"new")
    assert refusal.value.code == "disk.full"
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_files_are_readable_by_others_as_usual(tmp_path):
    write_bytes(tmp_path / "a", b"")
    plain = tmp_path / "b"
    plain.touch()
    mode = stat.S_IMODE(plain.stat().st_mode)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk.full"),
        (errno.EDQUOT, "disk.full"),
        (errno.EACCES, "disk.no_permission"),
        (errno.EROFS, "disk.no_permission"),
        (errno.ENOENT, "file.missing"),
        (errno.EIO, "disk.error"),
    ],
)
def test_each_refusal_has_its_sentence(tmp_path, number, code):
    error = explain_os_error(OSError(number, "x"), tmp_path / "f")
    assert error.code == code
    assert error.what.endswith(".")
    assert error.todo.endswith(".")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UserFacingError) as refusal, explained_io(tmp_path / "x"):
        (tmp_path / "x").read_text()
    assert refusal.value.code == "file.missing"


@pytest.mark.parametrize("content", [b"{", b"", b'{"a": "\xb1"}', b"[" * 100_000])
def test_damaged_json_is_said(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserFacingError) as refusal:
        read_json(tmp_path / "a.json")
    assert refusal.value.code == "file.damaged"


def test_known_hash(tmp_path):
    (tmp_path / "empty").touch()
    assert sha256_of(tmp_path / "empty") == EMPTY_SHA256


def test_a_small_file_is_changed_in_its_place(tmp_path):
    path = tmp_path / "control.json"
    write_json(path, {"request": "cancel"})
    size = path.stat().st_size
    overwrite_small(path, '{"request": "run"}')
    assert read_json(path) == {"request": "run"}
    assert path.stat().st_size == size


def test_a_link_may_lead_out_of_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").touch()
    (tmp_path / "in" / "up").symlink_to("..")
    assert not leads_out(tmp_path / "in" / "a", tmp_path / "in")
    assert leads_out(tmp_path / "in" / "up", tmp_path / "in")


def test_a_new_folder_is_flushed_with_all_above_it(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(files, "fsync_directory", flushed.append)
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert flushed == [tmp_path, tmp_path / "a"]
    make_folder(tmp_path / "a" / "b")
    assert len(flushed) == 2


def test_a_file_in_the_way_of_a_folder(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match="a"):
        make_folder(tmp_path / "a" / "b")


def test_all_that_a_folder_holds_is_flushed(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b").touch()
    (tmp_path / "a").touch()
    flushed = []
    monkeypatch.setattr(files, "fsync_directory", flushed.append)
    monkeypatch.setattr(files, "fsync_file", flushed.append)
    fsync_contents(tmp_path)
    names = {tmp_path, tmp_path / "a", tmp_path / "sub", tmp_path / "sub" / "b"}
    assert (set(flushed), len(flushed)) == (names, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 60 + b"]" * 60,
        b'{"page": ' + b"[" * 900 + b"]" * 900 + b"}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"[" + b"[]," * 2_100_000 + b"[]]",
        b"\xff\xfe",
    ],
)
def test_json_that_cannot_be_ours_is_damage(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserFacingError) as refusal:
        read_json(tmp_path / "a.json")
    assert refusal.value.code == "file.damaged"


def test_json_without_end_is_not_read(tmp_path):
    with (tmp_path / "a.json").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(UserFacingError) as refusal:
        read_json(tmp_path / "a.json")
    assert refusal.value.code == "file.too_large"


def test_a_small_file_is_not_changed_through_a_link(tmp_path):
    (tmp_path / "yours").write_text("mine")
    (tmp_path / "a.json").symlink_to(tmp_path / "yours")
    with pytest.raises(UserFacingError) as refusal:
        overwrite_small(tmp_path / "a.json", "x")
    assert refusal.value.code == "file.odd"
    assert (tmp_path / "yours").read_text() == "mine"
