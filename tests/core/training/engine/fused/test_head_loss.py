"""The loss behind the frozen head against float64 cross-entropy over all logits."""

import pytest
import torch

from core.training.engine.fused.head_loss import Head, head_loss
from core.training.engine.fused.norm import Norm


def _case(tokens, rows, dtype=torch.float64):
    h = torch.randn(tokens, 12, dtype=dtype, requires_grad=True)
    norm, weight = Norm(torch.randn(12, dtype=dtype), 1e-5), torch.randn(41, 12, dtype=dtype)
    chosen = torch.randperm(tokens)[:rows].sort().values
    return h, norm, weight, chosen, torch.randint(0, 41, (rows,))


@pytest.mark.parametrize(("tokens", "rows"), [(1, 1), (9, 4), (70, 55), (5, 0)])
@pytest.mark.parametrize("block_bytes", [1, 41 * 8 * 20, 1 << 20])
def test_loss_and_gradient(tokens, rows, block_bytes, error):
    h, norm, weight, chosen, targets = _case(tokens, rows)
    x = h * (h.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * norm.weight
    logits = (x @ weight.t())[chosen]
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    (d_expected,) = torch.autograd.grad(expected / 7, h)

    loss, terms = head_loss(h, Head(norm, weight, block_bytes), chosen, targets)
    (d_h,) = torch.autograd.grad(loss / 7, h)

    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    each = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    assert torch.allclose(terms, each, rtol=1e-10)
    assert torch.allclose(d_h, d_expected, rtol=1e-10, atol=1e-12)
    with torch.no_grad():
        again, _ = head_loss(h, Head(norm, weight, block_bytes), chosen, targets)
    assert again.item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("rows", [3, 150])
@pytest.mark.parametrize("cap", [0.5, 30.0])
def test_capped_logits(rows, cap, error):
    h, norm, weight, chosen, targets = _case(200, rows)
    x = h * (h.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * norm.weight
    logits = cap * torch.tanh((x @ weight.t())[chosen] / cap)
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    (d_expected,) = torch.autograd.grad(expected, h)
    head = Head(norm, weight, 41 * 8 * 100, cap)
    loss, _ = head_loss(h, head, chosen, targets)
    (d_h,) = torch.autograd.grad(loss, h)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    assert error(d_h, d_expected) < 1e-12
    with torch.no_grad():
        assert head_loss(h, head, chosen, targets)[0].item() == pytest.approx(loss.item())


def test_rows_without_loss_get_no_gradient():
    h, norm, weight, chosen, targets = _case(30, 7)
    head_loss(h, Head(norm, weight, 1 << 20), chosen, targets)[0].backward()

    others = torch.ones(30, dtype=torch.bool).index_fill_(0, chosen, False)
    assert torch.all(h.grad[others] == 0)
    assert torch.all(h.grad[chosen].abs().sum(1) > 0)


def test_blocks_are_even_and_never_larger_than_asked_for():
    _, norm, weight, *_ = _case(2, 1)
    head = Head(norm, weight, 41 * 2 * 1000)
    assert head.rows_per_block(4000, torch.bfloat16) == 1000
    assert head.rows_per_block(2100, torch.bfloat16) == 768
    assert head.rows_per_block(0, torch.bfloat16) > 0
    assert Head(norm, weight, 1).rows_per_block(4000, torch.bfloat16) == 16


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_each_token_may_have_a_weight(block_bytes):
    h, norm, weight, chosen, targets = _case(70, 55)
    weights = torch.randn(55, dtype=torch.float64)
    head = Head(norm, weight, block_bytes)
    x = h * (h.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * norm.weight
    each = torch.nn.functional.cross_entropy((x @ weight.t())[chosen], targets, reduction="none")
    (expected,) = torch.autograd.grad((each * weights).sum() / 3, h)

    loss, terms = head_loss(h, head, chosen, targets, weights)
    (found,) = torch.autograd.grad(loss / 3, h)

    assert loss.item() == pytest.approx((each * weights).sum().item(), rel=1e-12)
    assert torch.allclose(terms, each, rtol=1e-10)
    assert torch.allclose(found, expected, rtol=1e-10, atol=1e-12)
    with torch.no_grad():
        assert head_loss(h, head, chosen, targets, weights)[0].item() == pytest.approx(loss.item())
    ones = head_loss(h, head, chosen, targets, torch.ones(55, dtype=torch.float64))[0]
    assert ones.item() == head_loss(h, head, chosen, targets)[0].item()
