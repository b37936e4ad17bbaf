import sys
from dataclasses import replace

import core.doctor
from core.doctor import examine, report


def with_free_space(monkeypatch, free):
    real = core.doctor.read_machine
    monkeypatch.setattr(
        core.doctor, "read_machine", lambda folder: replace(real(folder), disk_free=free)
    )


def test_this_machine_can_train(monkeypatch):
    with_free_space(monkeypatch, int(6e9))
    checks = examine()
    assert [c.name for c in checks] == [
        "computer",
        "disk",
        "graphics card",
        "PyTorch",
        "4-bit weights",
        "sample model",
    ]
    failed = [c for c in checks if not c.ok]
    assert not failed


def test_a_disk_with_little_room_is_refused(monkeypatch):
    with_free_space(monkeypatch, int(4e9))
    check = core.doctor._disk()
    assert not check.ok
    assert "4 GB free" in check.seen
    assert "5 GB" in check.todo


def test_a_broken_bitsandbytes_is_found(monkeypatch):
    monkeypatch.setattr(core.doctor, "_nf4_error", lambda: 0.9)
    check = core.doctor._nf4()
    assert not check.ok
    assert check.todo

    def broken():
        raise RuntimeError("no library")

    monkeypatch.setattr(core.doctor, "_nf4_error", broken)
    check = core.doctor._nf4()
    assert "no library" in check.seen
    assert report([check])["ok"] is False


def test_a_pytorch_that_is_missing_or_does_not_start_is_a_finding(monkeypatch):
    monkeypatch.setattr(core.doctor, "has_torch", lambda: False)
    check = core.doctor._torch()
    assert not check.ok and "engine install" in check.todo
    monkeypatch.setattr(core.doctor, "can_install", lambda: False)
    assert core.doctor._torch().todo == "Run make again."
    monkeypatch.setattr(core.doctor, "has_torch", lambda: True)

    monkeypatch.setitem(sys.modules, "torch", None)
    check = core.doctor._torch()
    assert not check.ok and "does not start" in check.seen


def test_a_missing_compiler_is_only_advice(monkeypatch):
    monkeypatch.setattr(core.doctor.shutil, "which", lambda _name: None)
    check = core.doctor._compiler()
    assert check.ok and "gcc" in check.todo
    monkeypatch.setattr(core.doctor.shutil, "which", lambda _name: "/usr/bin/gcc")
    assert not core.doctor._compiler().todo
