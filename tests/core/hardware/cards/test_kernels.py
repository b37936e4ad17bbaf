"""Kernels are taken only where they can be launched; a card's own failure is not hidden."""

import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from core.hardware.cards.kernels import launchable, launchable_safely

NAME = "some_kernels"


@pytest.fixture
def module(monkeypatch):
    """Pretend that Triton and these kernels are installed."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, NAME, made := ModuleType(NAME))
    return made


def test_what_can_be_launched_is_returned(module):
    launched = []
    assert launchable(NAME, launched.append) == (module, "")
    assert launched == [module]


def test_without_triton_nothing_is_tried_or_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert launchable(NAME, pytest.fail) == (None, "")


def test_what_cannot_be_compiled_is_said(module):
    def fail(_module):
        raise RuntimeError("Failed to find C compiler.")

    assert launchable(NAME, fail) == (None, "RuntimeError: Failed to find C compiler.")


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA error: unknown error")])
def test_a_card_that_fails_is_no_missing_compiler(module, error):
    def fail(_module):
        raise error

    with pytest.raises(type(error)):
        launchable(NAME, fail)


_DIES = """
import os, sys
from pathlib import Path
from core.hardware.cards import kernels
kernels.has_triton = lambda: True
kernels.launchable_safely("json", lambda _module: os._exit(7), Path(sys.argv[1]))
"""


def test_kernels_that_took_the_process_down_twice_are_left_alone(module, tmp_path):
    note = tmp_path / "kernels" / "delta-card-3.6.0"
    for _time in range(2):
        assert launchable_safely(NAME, lambda _: None, note) == (module, "")
        done = subprocess.run([sys.executable, "-c", _DIES, str(note)], check=False)
        assert done.returncode == 7

    assert launchable_safely(NAME, pytest.fail, note)[0] is None
    other = note.with_name("delta-card-3.7.0")
    assert launchable_safely(NAME, lambda _: None, other) == (module, "")
    assert not list(note.parent.glob("delta-card-3.7.0*"))


def test_where_nothing_can_be_noted_kernels_are_tried_all_the_same(module, tmp_path):
    (tmp_path / "file").touch()
    assert launchable_safely(NAME, lambda _: None, tmp_path / "file" / "note") == (module, "")
