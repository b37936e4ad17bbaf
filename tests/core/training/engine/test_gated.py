"""The gated activation and its in-place gradient against float64 autograd."""

import pytest
import torch
from torch.nn import functional

from core.training.engine import gated

REFERENCE = {
    "silu": functional.silu,
    "gelu_tanh": lambda g: functional.gelu(g, approximate="tanh"),
}


@pytest.mark.parametrize("activation", REFERENCE)
@pytest.mark.parametrize("shape", [(1, 2), (5, 14), (2050, 6)])
def test_output_and_both_gradients(activation, shape, error):
    gate_up = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    d_out = torch.randn(shape[0], shape[1] // 2, dtype=torch.float64)
    g, u = gate_up.chunk(2, dim=1)
    expected = REFERENCE[activation](g) * u
    (d_expected,) = torch.autograd.grad(expected, gate_up, d_out)

    wide = torch.empty(shape[0], shape[1] // 2 + 3, dtype=torch.float64)
    out = gated.gate(gate_up.detach(), activation, wide[:, : shape[1] // 2])
    used = gate_up.detach().clone()
    gated.gate_backward(used, d_out, activation)

    assert error(out, expected.detach()) < 1e-12
    assert error(used, d_expected) < 1e-12
    assert torch.equal(d_out, gated.gate(gate_up.detach(), activation))
