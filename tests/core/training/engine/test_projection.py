"""Base weight plus adapters as one product against plain float64 autograd."""

import pytest
import torch
from torch import nn

from core.training.engine.fused.nf4 import Scratch
from core.training.engine.projection import Part, Projection, refresh


def _part(n, k, rank, bias, scaling):
    weight = torch.randn(n, k, dtype=torch.float64)
    b = torch.randn(n, dtype=torch.float64) if bias else None
    if not rank:
        return Part(weight, b)
    lora = (nn.Parameter(torch.randn(s, dtype=torch.float64)) for s in ((rank, k), (n, rank)))
    return Part(weight, b, *lora, scaling)


def _plain(parts, x):
    outputs = []
    for part in parts:
        y = nn.functional.linear(x, part.weight, part.bias)
        if part.rank:
            y = y + x @ part.lora_a.t() @ part.lora_b.t() * part.scaling
        outputs.append(y)
    return torch.cat(outputs, dim=1)


CASES = {
    "one": [(6, 3, False, 2.0)],
    "one without adapter": [(6, 0, True, 1.0)],
    "three": [(6, 2, True, 0.5), (4, 2, False, 0.5), (4, 2, True, 0.5)],
    "three of several ranks": [(6, 2, True, 0.5), (4, 0, False, 1.0), (4, 5, True, 3.0)],
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("with_residual", [False, True])
def test_output_and_all_gradients(case, joined, with_residual, error):
    parts = [_part(n, 10, rank, bias, scaling) for n, rank, bias, scaling in CASES[case]]
    joined = joined and any(part.rank for part in parts)
    projection = Projection(parts, "slot", Scratch(), torch.float64, joined)
    refresh([projection])
    x = projection.room(7).copy_(torch.randn(7, 10, dtype=torch.float64)).requires_grad_()
    n = sum(part.weight.shape[0] for part in parts)
    residual = torch.randn(7, n, dtype=torch.float64) if with_residual else None
    dy = torch.randn(7, n, dtype=torch.float64)
    expected = _plain(parts, x) + (0 if residual is None else residual)
    inputs = [x, *projection.parameters()]
    d_expected = torch.autograd.grad(expected, inputs, dy)

    with torch.no_grad():
        y, reduced = projection.forward(x, residual)
        g = projection.reduce_gradient(dy)
        got = [projection.input_gradient(dy, g)]
        got += projection.parameter_gradients(dy, g, reduced, x)

    assert error(y, expected.detach()) < 1e-12
    for gradient, wanted in zip(got, d_expected, strict=True):
        assert error(gradient, wanted) < 1e-12


def test_gradients_of_a_scaled_input_are_made_from_the_input_before_scaling(error):
    parts = [_part(6, 10, 2, False, 2.0), _part(4, 10, 3, False, 0.7)]
    columns = torch.randn(10, dtype=torch.float64)
    projection = Projection(parts, "slot", Scratch(), torch.float64, input_scale=columns)
    refresh([projection])
    h, rows = torch.randn(7, 10).double(), torch.rand(7).double()
    x, dy = h * rows[:, None] * columns, torch.randn(7, 10).double()
    expected = torch.autograd.grad(_plain(parts, x), projection.parameters(), dy)

    _, reduced = projection.forward(x)
    g = projection.reduce_gradient(dy) * rows[:, None]
    for got, wanted in zip(
        projection.parameter_gradients(dy, g, reduced, h), expected, strict=True
    ):
        assert error(got, wanted) < 1e-12


def test_adapters_are_read_anew_even_if_written_behind_torchs_back(error):
    parts = [_part(6, 10, 2, False, 2.0)]
    projection = Projection(parts, "slot", Scratch(), torch.float64)
    x = torch.randn(3, 10, dtype=torch.float64)
    refresh([projection])
    parts[0].lora_b.data.numpy()[:] = 0.25
    refresh([projection])
    assert error(projection.forward(x)[0], _plain(parts, x).detach()) < 1e-12

    refresh([projection], off=True)
    assert error(projection.forward(x)[0], x @ parts[0].weight.t()) < 1e-12


def test_projections_that_share_a_slot_do_not_mix_their_weights(error):
    scratch = Scratch()
    pair = [
        Projection([_part(4, 8, 2, False, 1.0), _part(4, 8, 2, False, 1.0)], "s", scratch,
                   torch.float64)
        for _ in range(2)
    ]  # fmt: skip
    refresh(pair)
    x = torch.randn(3, 8, dtype=torch.float64)
    for projection in [*pair, *pair]:
        assert error(projection.forward(x)[0], _plain(projection.parts, x).detach()) < 1e-12


@pytest.mark.parametrize("with_residual", [False, True])
def test_small_adapters_are_not_lost_in_bf16(with_residual):
    """Added to a rounded output, updates below half of its last bit would vanish."""
    torch.manual_seed(0)
    weight = 0.02 * torch.randn(512, 512)
    a, b = nn.Parameter(0.03 * torch.randn(16, 512)), nn.Parameter(1e-4 * torch.randn(512, 16))
    projection = Projection(
        [Part(weight.bfloat16(), None, a, b, 2.0)], "slot", Scratch(), torch.bfloat16, joined=True
    )
    refresh([projection])
    x = projection.room(256).copy_(torch.randn(256, 512))
    residual = 4 * torch.randn(256, 512).bfloat16() if with_residual else None
    exact = x.double() @ weight.bfloat16().double().t() + (residual if with_residual else 0)
    delta = 2 * x.double() @ a.detach().double().t() @ b.detach().double().t()

    with torch.no_grad():
        y, _ = projection.forward(x, residual)
    share = ((y.double() - exact) * delta).sum() / delta.square().sum()
    assert share == pytest.approx(1.0, abs=0.15)
