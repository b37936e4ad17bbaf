import hashlib

import pytest

from core.errors import UserFacingError
from core.installation import uv


def test_uv_is_found_and_a_missing_one_is_said(monkeypatch):
    assert uv.find_uv()
    monkeypatch.setenv(uv.VARIABLE, "/nowhere/uv")
    with pytest.raises(UserFacingError) as refusal:
        uv.find_uv()
    assert refusal.value.code == "engine.no_uv"


def install(index, tmp_path, requirements):
    index.write_to(tmp_path / "wheels")
    (tmp_path / "in.txt").write_text(requirements)
    (tmp_path / "site").mkdir()
    uv.install(tmp_path / "in.txt", tmp_path / "wheels", tmp_path / "site", tmp_path / "cache",
               lambda: None)  # fmt: skip


def test_uv_installs_exactly_what_is_locked(index, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_INDEX_URL", "https://elsewhere.example")
    lock = index.lock()
    install(index, tmp_path, lock.requirements())
    assert (tmp_path / "site/torch/version.py").is_file()
    assert (tmp_path / "site/tinymath.py").is_file()


def test_uv_refuses_another_hash(index, tmp_path):
    lock = index.lock()
    wrong = lock.requirements().replace(lock.wheels[0].sha256, hashlib.sha256(b"").hexdigest())
    with pytest.raises(UserFacingError) as refusal:
        install(index, tmp_path, wrong)
    assert refusal.value.code == "engine.wrong_hash"


def test_what_uv_cannot_do_is_said_with_its_own_words(index, tmp_path):
    index.lock()
    with pytest.raises(UserFacingError) as refusal:
        install(index, tmp_path, f"absent==1.0 --hash=sha256:{'0' * 64}\n")
    assert refusal.value.code == "engine.not_installed" and "absent" in refusal.value.details


def test_a_full_disk_is_recognised(tmp_path):
    said = "error: failed to write: No space left on device (os error 28)"
    assert uv._explained(said, tmp_path).code == "disk.full"
