import tomllib
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


PYPI = """lock-version = "1.0"

[[packages]]
name = "sympy"
version = "1.14.0"

[[packages]]
name = "torch"
version = "2.13.0"
marker = "python_version < '3.15'"
wheels = [{ url = "https://pypi.example/torch-2.13.0-cp311-cp311-win_amd64.whl", size = 1 }]

[[packages]]
name = "typing-extensions"
"""


def test_a_known_wheel_takes_the_place_of_the_one_of_pypi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = lock_engine.Lock("cu126", "windows", "cu126")
    monkeypatch.setattr(lock_engine, "LOCKS", tmp_path)
    monkeypatch.setattr(lock_engine, "version_of", lambda _name: "2.13.0")
    asked = []

    def resolved(_lock: object, build: str, options: list[str]) -> str | None:
        asked.append((build, options))
        return None if build else PYPI  # PyTorch's index cannot be reached

    monkeypatch.setattr(lock_engine, "_resolved", resolved)
    assert lock_engine.write(lock, None)
    text = (tmp_path / "pylock.cu126-windows.toml").read_text(encoding="utf-8")
    assert asked == [("+cu126", ["--index", f"{lock_engine._TORCH_INDEX}/cu126"]), ("", [])]
    packages = tomllib.loads(text)["packages"]
    assert [package["name"] for package in packages] == ["sympy", "torch", "typing-extensions"]
    (wheel,) = packages[1]["wheels"]
    assert packages[1]["version"] == "2.13.0+cu126" and wheel["size"] == 2594548547
    assert "%2Bcu126-cp311-cp311-win_amd64.whl" in wheel["url"]
    assert "pypi.example" not in text


def test_no_known_wheel_of_another_version_or_system_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_engine, "LOCKS", tmp_path)
    monkeypatch.setattr(lock_engine, "_resolved", lambda _lock, build, _o: None if build else PYPI)
    monkeypatch.setattr(lock_engine, "version_of", lambda _name: "2.14.0")
    assert not lock_engine.write(lock_engine.Lock("cu126", "windows", "cu126"), None)
    monkeypatch.setattr(lock_engine, "version_of", lambda _name: "2.13.0")
    assert not lock_engine.write(lock_engine.Lock("cu126", "linux", "cu126"), None)
    assert not list(tmp_path.iterdir())
