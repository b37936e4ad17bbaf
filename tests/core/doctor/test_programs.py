from __future__ import annotations

import sys

import pytest

from core.doctor import programs
from core.doctor.check import Remedy
from core.doctor.examination import report
from core.hardware.cards.card import Card, CardReport
from core.installation.kind import Kind
from core.installation.plan import EngineState
from core.installed_engine import EngineRecord

CARD = Card(0, name="NVIDIA GeForce RTX 3090", driver="580.95", compute_capability=(8, 6))
FETCHED = EngineRecord(variant="cu130", python="cp311", torch="2.13.0", wheels={})


def engine(monkeypatch: pytest.MonkeyPatch, record: EngineRecord | None) -> None:
    state = EngineState(carried=record is None, record=record, before=None, kept=0)
    monkeypatch.setattr(programs, "engine_state", lambda: state)


def test_a_broken_bitsandbytes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "nf4_error", lambda: 0.9)
    check = programs.four_bits()
    assert not check.ok and check.todo

    def broken() -> float:
        raise RuntimeError("no library")

    monkeypatch.setattr(programs, "nf4_error", broken)
    check = programs.four_bits()
    assert "no library" in check.seen
    assert report([check])["ok"] is False


def test_a_pytorch_that_is_missing_or_does_not_start_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "has_torch", lambda: False)
    check = programs.torch()
    assert not check.ok and "engine install" in check.todo and check.remedy is Remedy.ENGINE
    monkeypatch.setattr(programs, "can_install", lambda: False)
    assert programs.torch().todo == "Run make again." and programs.torch().line == "make"
    monkeypatch.setattr(programs, "has_torch", lambda: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    check = programs.torch()
    assert not check.ok and "does not start" in check.seen


@pytest.mark.parametrize("error", [OSError("libcudart.so.13"), RuntimeError("operator")])
def test_a_library_that_fails_in_any_way_is_a_finding_too(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Failing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "torch":
                sys.meta_path.remove(self)  # type: ignore[arg-type]
                raise error

    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Failing(), *sys.meta_path])
    monkeypatch.setattr(programs, "has_torch", lambda: True)
    check = programs.torch()
    assert not check.ok and str(error) in check.seen


def test_a_fetched_pytorch_that_finds_no_card_is_fetched_again_by_a_button(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "read_cards", lambda: CardReport((CARD,)))
    engine(monkeypatch, FETCHED)
    check = programs.torch()
    assert not check.ok and check.remedy is Remedy.ENGINE and "engine install" in check.line
    engine(monkeypatch, None)
    check = programs.torch()
    assert not check.ok and check.remedy is Remedy.NONE and "README" in check.todo


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Kind.DEBIAN, "sudo apt install --reinstall homelab-tuner"),
        (Kind.PIP, "pip install --force-reinstall homelab-tuner"),
        (Kind.SOURCES, "make"),
        (Kind.WINDOWS, ""),
    ],
)
def test_each_installation_has_its_own_line(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, line: str
) -> None:
    monkeypatch.setattr(programs, "kind_of_installation", lambda: kind)
    monkeypatch.setattr(programs, "has_torch", lambda: False)
    monkeypatch.setattr(programs, "can_install", lambda: False)
    assert programs.torch().line == line


def test_a_missing_compiler_is_only_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.shutil, "which", lambda _name: None)
    check = programs.compiler()
    assert check.ok and "gcc" in check.todo and check.line.startswith("sudo apt install gcc")
    monkeypatch.setattr(programs.shutil, "which", lambda _name: "/usr/bin/gcc")
    assert not programs.compiler().todo
