from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.doctor import computer
from core.doctor.check import SelfCheck
from core.doctor.examination import examine, glance, report, without_home
from core.language import _


def test_this_machine_can_train(monkeypatch: pytest.MonkeyPatch) -> None:
    real = computer.read_machine
    monkeypatch.setattr(
        computer, "read_machine", lambda folder: replace(real(folder), disk_free=int(6e9))
    )
    monkeypatch.setattr(computer, "_TRIED", 1 << 20)
    checks = examine()
    assert [c.name for c in checks] == [
        "computer",
        "disk",
        "speed of the disk",
        "projects folder",
        "graphics card",
        "PyTorch",
        "4-bit weights",
        "sample model",
        "sleep",
    ]
    failed = [c for c in checks if not c.ok]
    assert not failed
    assert {c.name for c in glance()} <= {c.name for c in checks}


def test_the_report_is_plain_and_names_no_home() -> None:
    found = report([SelfCheck(_("disk"), False, f"{Path.home()}/x", "Free some.", line="make")])
    assert found == {
        "ok": False,
        "checks": [
            {"name": "disk", "ok": False, "seen": f"{Path.home()}/x", "todo": "Free some.",
             "line": "make", "remedy": ""}
        ],
    }  # fmt: skip
    assert without_home(f"in {Path.home()}/x") == "in ~/x"
