"""The norm and its hand-written gradient against float64 autograd."""

import pytest
import torch

from core.training.engine.fused.norm import Norm


@pytest.mark.parametrize("offset", [0.0, 1.0])
@pytest.mark.parametrize("shape", [(1, 4), (7, 33), (12, 256)])
def test_output_and_gradient(shape, offset, error):
    h = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    weight, dx, around = torch.randn(shape[1]).double(), torch.randn(shape).double(), None
    expected = h * (h.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * (weight + offset)
    (d_expected,) = torch.autograd.grad(expected, h, dx)

    norm = Norm(weight, 1e-5, offset)
    wide = torch.full((shape[0], shape[1] + 8), 7.0, dtype=torch.float64)
    x, rstd = norm.forward(h.detach(), wide[:, : shape[1]])

    assert error(x, expected.detach()) < 1e-12
    assert torch.all(wide[:, shape[1] :] == 7)
    assert error(norm.backward(dx.clone(), h.detach(), rstd, around), d_expected) < 1e-12
    around = torch.randn(shape).double()
    with_path = norm.backward(dx.clone(), h.detach(), rstd, around)
    assert error(with_path, d_expected + around) < 1e-12


def test_bf16_rounds_once(error):
    h, weight = torch.randn(50, 128).bfloat16(), torch.randn(128).bfloat16()
    x, _ = Norm(weight, 1e-5).forward(h)
    wide = h.double() * (h.double().square().mean(-1, keepdim=True) + 1e-5).rsqrt()

    assert x.dtype == torch.bfloat16
    assert error(x, wide * weight.double()) < 2**-8 / 2
