"""Heads are normed and turned as transformers does, and gradients find their way back."""

import pytest
import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from core.training.engine.fused.norm import Norm
from core.training.engine.heads import Heads


def _plain(qkv, heads, cos, sin):
    q, k, v = qkv.view(len(qkv), -1, 8).split([heads.query, heads.key, heads.key], dim=1)
    if heads.query_norm is not None:
        q, k = (
            x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * norm.weight
            for x, norm in ((q, heads.query_norm), (k, heads.key_norm))
        )
    tables = (torch.cat((t, t), -1)[None] for t in (cos, sin))
    q, k = apply_rotary_pos_emb(q.transpose(0, 1)[None], k.transpose(0, 1)[None], *tables)
    return q[0].transpose(0, 1), k[0].transpose(0, 1), v


@pytest.mark.parametrize("normed", [False, True])
def test_output_and_gradient(normed, error):
    norms = [Norm(torch.randn(8).double(), 1e-5) for _ in range(2)] if normed else [None, None]
    heads = Heads(4, 2, 8, 0.3, *norms)
    qkv = torch.randn(6, 64, dtype=torch.float64, requires_grad=True)
    angles = torch.rand(6, 4, dtype=torch.float64)
    cos, sin = angles.cos(), angles.sin()
    expected = _plain(qkv, heads, cos, sin)
    gradients = [torch.randn_like(x) for x in expected]
    (d_expected,) = torch.autograd.grad(expected, qkv, gradients)

    got, kept = heads.turned(qkv.detach().clone(), cos, sin)
    for x, wanted in zip(got, expected, strict=True):
        assert error(x, wanted.detach()) < 1e-12
    assert (kept is not None) == normed
    assert error(heads.gathered(gradients, kept, cos, sin), d_expected) < 1e-12
