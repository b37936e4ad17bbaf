"""Kernels are taken only where they can be launched; a card's own failure is not hidden."""

import importlib.util
import sys
from types import ModuleType

import pytest

from core.hardware.cards.kernels import launchable

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
