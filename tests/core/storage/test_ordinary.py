import os
import stat

import pytest

from core.storage import ordinary
from core.storage.files import explain_os_error
from core.storage.ordinary import (
    OddFileError,
    TooLargeError,
    is_ordinary_file,
    is_ordinary_folder,
    keep_from_strangers,
    make_private_folder,
    open_to_append,
    open_to_overwrite,
    open_to_read,
    read_ordinary,
    require_ordinary,
)
from tests.foreign_files import ODD, put_odd

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and sockets of Unix")


@pytest.mark.parametrize("kind", [*ODD, "link"])
@pytest.mark.parametrize("use", [open_to_read, open_to_append, open_to_overwrite])
def test_what_is_no_file_is_never_opened(tmp_path, kind, use):
    path, yours = tmp_path / "log.txt", tmp_path / "yours"
    yours.write_text("mine")
    if kind == "link":
        path.symlink_to(yours)
    else:
        put_odd(path, kind)
    with pytest.raises(OddFileError) as refusal:
        use(path)
    assert explain_os_error(refusal.value, path).code == "file.odd"
    assert yours.read_text() == "mine"
    assert not is_ordinary_file(path)


def test_a_link_to_nothing_is_not_filled(tmp_path):
    path = tmp_path / "log.txt"
    path.symlink_to(tmp_path / "start-up")
    with pytest.raises(OddFileError):
        open_to_append(path)
    assert not (tmp_path / "start-up").exists()


def test_a_name_that_changes_between_look_and_opening_is_noticed(tmp_path, monkeypatch):
    path, yours = tmp_path / "log.txt", tmp_path / "yours"
    path.write_text("a file")
    yours.write_text("mine")
    open_it = os.open

    def swapped(name, flags, mode=0o777):
        path.unlink()
        path.symlink_to(yours)
        return open_it(name, flags, mode)

    monkeypatch.setattr(ordinary.os, "open", swapped)
    with pytest.raises(OddFileError):
        open_to_append(path)


def test_another_name_of_your_file_is_not_written_to(tmp_path):
    yours = tmp_path / "yours"
    yours.write_text("mine")
    (tmp_path / "log.txt").hardlink_to(yours)
    with pytest.raises(OddFileError):
        open_to_append(tmp_path / "log.txt")


def test_what_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "wizard.json"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(TooLargeError) as refusal:
        read_ordinary(path, 1000)
    assert explain_os_error(refusal.value, path).code == "file.too_large"


def test_a_file_is_read_and_added_to(tmp_path):
    path = tmp_path / "log.txt"
    descriptor = open_to_append(path)
    os.write(descriptor, b"one")
    os.close(descriptor)
    assert read_ordinary(path, 3) == b"one"
    with pytest.raises(FileNotFoundError):
        open_to_read(tmp_path / "gone")


def test_files_of_yours_may_be_links(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    with open_to_read(tmp_path / "b.csv", follow=True) as stream:
        assert stream.read() == b"x"


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_a_folder_is_looked_through(tmp_path, kind):
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "file").touch()
    require_ordinary([tmp_path / "a", tmp_path / "missing"])
    put_odd(deep / "odd", kind)
    with pytest.raises(OddFileError) as refusal:
        require_ordinary([tmp_path / "a"])
    assert refusal.value.path == deep / "odd"


def test_a_linked_folder_is_no_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert is_ordinary_folder(tmp_path / "real")
    assert not is_ordinary_folder(tmp_path / "link")
    assert not is_ordinary_folder(tmp_path / "a\0b")
    with pytest.raises(OddFileError):
        require_ordinary([tmp_path / "link"])


def test_folders_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(ordinary, "_MOST_ENTRIES", 5)
    for number in range(7):
        (tmp_path / str(number)).touch()
    with pytest.raises(TooLargeError):
        require_ordinary([tmp_path])
    deep = tmp_path / "deep"
    for _ in range(40):
        deep /= "x"
    deep.mkdir(parents=True)
    monkeypatch.setattr(ordinary, "_MOST_ENTRIES", 1000)
    with pytest.raises(TooLargeError):
        require_ordinary([tmp_path])


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_folder_is_yours_alone(tmp_path):
    make_private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700


def test_a_group_keeps_what_everybody_loses(tmp_path):
    (tmp_path / "a").mkdir(mode=0o755)
    (tmp_path / "a").chmod(0o775)
    keep_from_strangers(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o770
