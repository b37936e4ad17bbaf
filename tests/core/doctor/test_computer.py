from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.doctor import computer
from core.hardware.cards.card import Card, CardReport


def with_free_space(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    real = computer.read_machine
    monkeypatch.setattr(
        computer, "read_machine", lambda folder: replace(real(folder), disk_free=free)
    )


def test_a_disk_with_little_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with_free_space(monkeypatch, int(4e9))
    check = computer.disk()
    assert not check.ok and "4 GB free" in check.seen and "5 GB" in check.todo
    with_free_space(monkeypatch, int(6e9))
    assert computer.disk().ok


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(("seconds", "fast"), [(0.5, True), (4.0, False)])
def test_a_slow_disk_is_advised_against_and_nothing_is_left(
    projects: Path, seconds: float, fast: bool
) -> None:
    times: Iterator[float] = iter([0.0, seconds])
    check = computer.disk_speed(tried=64 << 20, clock=lambda: next(times))
    assert check.ok and bool(check.todo) is not fast
    assert check.seen == ("134 MB a second" if fast else "17 MB a second")
    assert list(projects.iterdir()) == []


def test_a_disk_that_refuses_is_not_measured(
    projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(computer.os, "fsync", full)
    check = computer.disk_speed(tried=1)
    assert check.ok and "No space left" in check.seen and list(projects.iterdir()) == []


def test_a_synchronised_folder_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert computer.folder().ok
    monkeypatch.setattr(computer, "default_projects_folder", lambda: tmp_path / "Dropbox" / "x")
    check = computer.folder()
    assert not check.ok and "Dropbox" in check.seen and "outside" in check.todo


@pytest.mark.parametrize(("driver", "ok"), [("580.95", True), ("470.10", False)])
def test_a_driver_that_is_too_old_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, driver: str, ok: bool
) -> None:
    card = Card(0, name="NVIDIA GeForce RTX 3090", driver=driver, compute_capability=(8, 6))
    monkeypatch.setattr(computer, "read_cards", lambda: CardReport((card,)))
    check = computer.card()
    assert check.ok is ok and ("too old" in check.todo) is not ok


@pytest.mark.parametrize("active", [True, False])
def test_sleep_that_cannot_be_held_off_is_said_but_no_fault(
    monkeypatch: pytest.MonkeyPatch, active: bool
) -> None:
    class Mode:
        def __init__(self) -> None:
            self.active = active

    @contextmanager
    def inhibit() -> Iterator[Mode]:
        yield Mode()

    real = computer.KeepAwake
    monkeypatch.setattr(
        computer, "KeepAwake", lambda link, wanted: real(link, wanted=wanted, inhibitor=inhibit)
    )
    check = computer.sleep()
    assert check.ok and bool(check.todo) is not active
