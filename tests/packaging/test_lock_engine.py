from pathlib import Path

import pytest

from tests.packaging.test_trimming import load

lock_engine = load("lock_engine")


def test_sources_are_dropped_and_local_wheels_get_their_public_address(tmp_path: Path) -> None:
    wheel = tmp_path / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl"
    wheel.write_bytes(b"x" * 7)
    text = (
        f'name = "torch"\nsdist = {{ url = "https://x/t.tar.gz" }}\n'
        f'wheels = [{{ url = "file://{wheel}", hashes = {{ sha256 = "0" }} }}]\n'
        'wheels = [{ url = "https://x/a.whl", upload-time = 2026-01-01T00:00:00Z, size = 3 }]\n'
    )
    tidied = lock_engine.tidy(text, "https://download.example/cpu")
    assert "sdist" not in tidied and "upload-time" not in tidied
    assert 'url = "https://download.example/cpu/torch-2.13.0%2Bcpu-' in tidied
    assert "size = 7," in tidied and 'url = "https://x/a.whl", size = 3' in tidied


def test_a_build_from_an_index_brings_its_own_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "triton==3.7.1 ; sys_platform == 'linux'\nanyio[trio]==4.16.0\n"
    monkeypatch.setattr(lock_engine, "exported", lambda *_options: text)
    assert lock_engine._tested("cu126") == "anyio==4.16.0\n"
    assert lock_engine._tested("").startswith("triton==3.7.1 ;")
    assert len({lock.name for lock in lock_engine.ALL}) == len(lock_engine.ALL)
