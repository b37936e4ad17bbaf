import random

import pytest

from core.errors import UserFacingError
from core.storage.files import read_json, write_json
from core.storage.transaction import MANIFEST, remove_leftovers, staged_folder, verify_folder


@pytest.fixture
def sealed(tmp_path):
    target = tmp_path / "sealed ü"
    with staged_folder(target) as staging:
        (staging / "a.bin").write_bytes(random.Random(1).randbytes(2000))
        (staging / "sub").mkdir()
        (staging / "sub" / "b.txt").write_text("b")
    return target


def code_of(folder):
    with pytest.raises(UserFacingError) as refusal:
        verify_folder(folder)
    return refusal.value.code


def test_a_sealed_folder_verifies_and_nothing_remains_beside(sealed):
    verify_folder(sealed)
    assert set(read_json(sealed / MANIFEST)["files"]) == {"a.bin", "sub/b.txt"}
    assert [p.name for p in sealed.parent.iterdir()] == [sealed.name]


def test_a_failure_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), staged_folder(tmp_path / "x") as staging:
        (staging / "a").write_text("a")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(sealed):
    with pytest.raises(UserFacingError) as refusal, staged_folder(sealed):
        pass
    assert refusal.value.code == "folder.exists"
    verify_folder(sealed)


def test_every_flipped_byte_is_found(sealed):
    path = sealed / "a.bin"
    whole = path.read_bytes()
    for position in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        assert code_of(sealed) == "folder.damaged"
    path.write_bytes(whole)
    verify_folder(sealed)


def test_missing_surplus_and_cut_files_are_found(sealed):
    extra = sealed / "extra"
    extra.touch()
    assert code_of(sealed) == "folder.damaged"
    extra.unlink()
    (sealed / "sub" / "b.txt").write_text("")
    assert code_of(sealed) == "folder.damaged"
    (sealed / "sub" / "b.txt").unlink()
    assert code_of(sealed) == "folder.damaged"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 3}'])
def test_a_damaged_manifest_is_damage(sealed, content):
    (sealed / MANIFEST).write_text(content)
    assert code_of(sealed) == "folder.damaged"


def test_a_manifest_cannot_point_outside(sealed):
    write_json(sealed / MANIFEST, {"files": {"../outside": "0" * 64}})
    assert code_of(sealed) == "folder.damaged"


def test_leftovers_of_killed_writers_are_removed(sealed):
    leftover = sealed.parent / ".staging-99-x"
    leftover.mkdir()
    (leftover / "part").touch()
    remove_leftovers(sealed.parent)
    assert not leftover.exists()
    verify_folder(sealed)
