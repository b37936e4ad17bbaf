"""One matrix of all experts: what it gives and its gradients, beside autograd's own."""

import pytest
import torch
from torch import nn

from core.models.experts import matrix
from core.models.experts.matrix import Factors, Matrix, shape_of
from core.models.experts.packing import PackedExperts
from core.models.experts.routes import Routes

INDEX = torch.tensor([[2, 0], [0, 3], [1, 2], [3, 2]])


class Holder(nn.Module):
    """Four experts with matrices of 24 inputs and 16 outputs."""

    def __init__(self, transposed):
        super().__init__()
        self.is_transposed, self.has_bias = transposed, True
        weights = torch.randn(4, 24, 16) if transposed else torch.randn(4, 16, 24)
        self.up_proj = PackedExperts.of(weights)
        self.up_proj_bias = nn.Parameter(torch.randn(4, 16), requires_grad=False)


def by_autograd(module, factors, x, experts):
    """The same, a row at a time."""
    weights = module.up_proj.unpacked()
    weights = weights if module.is_transposed else weights.transpose(1, 2)
    a, b = factors.a.view(4, 3, 24), factors.b.view(16, 3, 4)
    rows = []
    for row, expert in zip(x, experts.tolist(), strict=True):
        low = row @ a[expert].T @ b[:, :, expert].T
        rows.append(row @ weights[expert] + module.up_proj_bias[expert] + factors.scale * low)
    return torch.stack(rows)


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("transposed", [True, False])
def test_products_and_gradients_are_those_of_autograd(transposed, at_once, monkeypatch):
    monkeypatch.setattr(matrix, "in_one_launch", lambda _like, _widths: at_once)
    module = Holder(transposed)
    factors = Factors(
        torch.randn(12, 24, requires_grad=True), torch.randn(16, 12, requires_grad=True), 0.5
    )
    routes = Routes(INDEX, 4, at_once=at_once)
    x, d_out = torch.randn(8, 24, requires_grad=True), torch.randn(8, 16)
    mine = Matrix(module, "up_proj", factors)
    assert mine.can_multiply_at_once() == at_once and shape_of(module.up_proj)[0] == 4
    wanted = by_autograd(module, factors, x, routes.experts)
    assert torch.allclose(mine.product(x.detach(), routes), wanted, atol=1e-4)
    share = torch.rand(8, 1)
    d_x, (d_a, d_b) = mine.gradients(x.detach(), d_out, routes, share)
    (true_x,) = torch.autograd.grad(wanted, x, d_out, retain_graph=True)
    true_a, true_b = torch.autograd.grad(wanted, factors[:2], d_out * share)
    assert torch.allclose(d_x, true_x, atol=1e-4)
    assert torch.allclose(d_a, true_a, atol=1e-4) and torch.allclose(d_b, true_b, atol=1e-4)


def test_products_with_biases():
    mine = Matrix(module := Holder(transposed=False), "up_proj", None)
    d_out = torch.randn(4, 16)
    wanted = (d_out[:, None] * module.up_proj_bias[INDEX]).sum(-1)
    assert torch.allclose(mine.bias_products(d_out, INDEX), wanted, atol=1e-5)
