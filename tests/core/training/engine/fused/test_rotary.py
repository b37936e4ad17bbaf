"""Rotation against transformers' own, its transpose, and gathering of gradients."""

import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from core.training.engine.fused.rotary import gather_heads, rotate


def _tables(tokens, half):
    angles = torch.rand(tokens, half, dtype=torch.float64) * 6
    return angles.cos(), angles.sin()


def test_rotation_equals_transformers_in_place_and_elsewhere(error):
    x = torch.randn(9, 3, 16, dtype=torch.float64)
    cos, sin = _tables(9, 8)
    doubled = (torch.cat((t, t), -1)[None] for t in (cos, sin))
    expected, _ = apply_rotary_pos_emb(x.transpose(0, 1)[None], x.transpose(0, 1)[None], *doubled)
    expected = expected[0].transpose(0, 1)

    out = torch.empty_like(x)
    rotate(x, out, cos, sin)
    rotate(x, x, cos, sin)
    assert error(out, expected) < 1e-12
    assert torch.equal(out, x)


def test_the_way_back_is_the_transpose_also_for_partial_rotation(error):
    x = torch.randn(5, 2, 12, dtype=torch.float64, requires_grad=True)
    d, (cos, sin) = torch.randn(5, 2, 12, dtype=torch.float64), _tables(5, 4)
    first, second, rest = x.split([4, 4, 4], dim=-1)
    c, s = cos[:, None], sin[:, None]
    out = torch.cat((first * c - second * s, second * c + first * s, rest), -1)
    (expected,) = torch.autograd.grad(out, x, d)

    back = torch.empty_like(d)
    rotate(d, back, cos, sin, back=True)
    assert error(back, expected) < 1e-12


def test_gathered_heads_lie_side_by_side(error):
    dq, dk, dv = (torch.randn(6, heads, 8, dtype=torch.float64) for heads in (4, 2, 2))
    cos, sin = _tables(6, 4)
    out = torch.full((6, 64), float("nan"), dtype=torch.float64)
    gather_heads((dq, dk, dv), cos, sin, out)

    back = torch.empty_like(dq)
    rotate(dq, back, cos, sin, back=True)
    assert error(out[:, :32], back.flatten(1)) < 1e-12
    assert torch.equal(out[:, 48:], dv.flatten(1))
    rotate(out[:, 32:48].unflatten(1, (2, 8)), dk2 := torch.empty_like(dk), cos, sin)
    assert error(dk2, dk) < 1e-12
