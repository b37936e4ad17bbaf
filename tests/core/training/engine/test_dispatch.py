"""Kernels are used only where they can work."""

import torch

from core.training.engine import dispatch


def test_no_kernels_on_a_cpu():
    assert dispatch.kernels_for(torch.ones(1)) is None


def test_kernels_can_be_forbidden():
    dispatch.use_kernels(False)
    try:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        assert dispatch.kernels_for(torch.ones(1, device=device)) is None
    finally:
        dispatch.use_kernels(True)
