"""Kernels are used only where they can work."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from core.training.engine.fused import dispatch

CARD = torch.device("cuda", 0)
ON_CARD = SimpleNamespace(is_cuda=True, dtype=torch.bfloat16, device=CARD)


def test_no_kernels_on_a_cpu():
    assert dispatch.kernels_for(torch.ones(1)) is None
    assert dispatch.kernel_failure(torch.device("cpu")) == ""


def test_kernels_can_be_forbidden():
    dispatch.use_kernels(False)
    try:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        assert dispatch.kernels_for(torch.ones(1, device=device)) is None
    finally:
        dispatch.use_kernels(True)


@pytest.fixture
def launch(monkeypatch):
    """Pretend that Triton is installed; return the launches, and what each of them raises."""
    record = SimpleNamespace(devices=[], error=None, module=ModuleType("kernels"))

    def fake(kernels, device):
        assert kernels is record.module
        record.devices.append(device)
        if record.error is not None:
            raise record.error

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "core.training.engine.fused.kernels", record.module)
    monkeypatch.setattr(dispatch, "_launch", fake)
    dispatch._found.cache_clear()
    yield record
    dispatch._found.cache_clear()


def test_kernels_that_can_be_launched_are_used_and_tried_once(launch):
    assert dispatch.kernels_for(ON_CARD) is launch.module
    assert dispatch.kernels_for(ON_CARD) is launch.module
    assert dispatch.kernel_failure(CARD) == ""
    assert launch.devices == [CARD]


def test_without_a_compiler_plain_pytorch_computes(launch):
    launch.error = RuntimeError("Failed to find C compiler.")
    assert dispatch.kernels_for(ON_CARD) is None
    assert dispatch.kernel_failure(CARD) == "RuntimeError: Failed to find C compiler."
    assert launch.devices == [CARD]
    dispatch.use_kernels(False)
    try:
        assert dispatch.kernel_failure(CARD) == ""
    finally:
        dispatch.use_kernels(True)


def test_kernels_that_cannot_be_imported_are_not_used(launch, monkeypatch):
    monkeypatch.setitem(sys.modules, "core.training.engine.fused.kernels", None)
    assert dispatch.kernels_for(ON_CARD) is None
    assert dispatch.kernel_failure(CARD).startswith("ModuleNotFoundError")


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("CUDA error: unknown")]
)
def test_a_full_or_lost_card_is_not_the_kernels_fault(launch, error):
    launch.error = error
    with pytest.raises(type(error)):
        dispatch.kernels_for(ON_CARD)
    launch.error = None
    assert dispatch.kernels_for(ON_CARD) is launch.module


def test_without_triton_nothing_has_failed(launch, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert dispatch.kernels_for(ON_CARD) is None
    assert (dispatch.kernel_failure(CARD), launch.devices) == ("", [])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
def test_a_real_launch():
    pytest.importorskip("triton")
    assert dispatch.kernels_for(torch.ones(1, device="cuda")) is not None
