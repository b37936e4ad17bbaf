"""Products in 8 bits: what they lose, and that they lose no more."""

import pytest
import torch

from core.config.engine import EnginePlan
from core.training.engine.engine import attach
from core.training.engine.fused import fp8


def _spread(rows, columns):
    """Rows and columns of very different sizes, as activations have them."""
    return torch.randn(rows, columns) * torch.logspace(-3, 3, rows)[:, None]


def test_rows_and_columns_keep_four_significant_bits(error):
    x = _spread(9, 33)
    small, scale = fp8.by_rows(x)
    assert small.dtype == fp8.E4M3 and scale.shape == (9, 1)
    assert error(small.float() * scale, x) < 0.04
    for row, wanted in zip(small.float() * scale, x, strict=True):
        assert error(row, wanted) < 0.04
    small, scale = fp8.by_columns(x.t().contiguous())
    assert small.shape == (9, 33)
    assert error(small.float() * scale, x) < 0.04


def test_zeros_and_the_largest_numbers_stay_finite():
    x = torch.stack((torch.zeros(16), torch.full((16,), 3e38)))
    small, scale = fp8.by_rows(x)
    assert torch.equal(small.float()[0], torch.zeros(16))
    assert torch.isfinite(small.float() * scale).all()


def test_a_product_is_off_by_a_few_per_cent(error):
    x, w = torch.randn(64, 256), 0.02 * torch.randn(96, 256)
    y = fp8.product(fp8.by_rows(x), fp8.by_rows(w), torch.float32)
    assert 0.01 < error(y, x @ w.t()) < 0.05
    dy = torch.randn(64, 96)
    dx = fp8.product(fp8.by_rows(dy), fp8.by_columns(w), torch.float32)
    assert error(dx, dy @ w) < 0.05


@pytest.mark.parametrize("keep", [0, 3])
def test_the_engine_learns_almost_the_same(tiny, batch, gradients, keep):
    model, packed = tiny(dtype=torch.bfloat16, nf4=True), batch(lengths=(40, 25, 31))
    engine = attach(model)
    loss = engine.forward_loss(packed)[0]
    loss.backward()
    wanted = torch.cat([g.flatten() for g in gradients(model).values()])
    engine.follow(EnginePlan(precision="fp8", keep_layers=keep))
    again = engine.forward_loss(packed)[0]
    again.backward()
    got = torch.cat([g.flatten() for g in gradients(model).values()])
    assert again.item() == pytest.approx(loss.item(), rel=5e-3)
    assert again.item() != loss.item()
    assert torch.cosine_similarity(got, wanted, dim=0) > 0.95

    engine.follow(EnginePlan())
    assert engine.forward_loss(packed)[0].item() == loss.item()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
def test_a_card_computes_what_the_imitation_does(error):
    if not fp8.has_fp8(torch.device("cuda")):
        pytest.skip("this card has no 8-bit products")
    x, w = torch.randn(128, 256).bfloat16(), 0.02 * torch.randn(192, 256).bfloat16()
    here = fp8.product(fp8.by_rows(x), fp8.by_rows(w), torch.bfloat16)
    there = fp8.product(fp8.by_rows(x.cuda()), fp8.by_rows(w.cuda()), torch.bfloat16)
    assert error(there.cpu(), here) < 0.01
    dy = torch.randn(128, 192).bfloat16()
    here = fp8.product(fp8.by_rows(dy), fp8.by_columns(w), torch.bfloat16)
    there = fp8.product(fp8.by_rows(dy.cuda()), fp8.by_columns(w.cuda()), torch.bfloat16)
    assert error(there.cpu(), here) < 0.01
