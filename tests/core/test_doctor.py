import core.doctor
from core.doctor import examine, report


def test_this_machine_can_train():
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
