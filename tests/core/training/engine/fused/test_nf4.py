"""4-bit weights are written out as bitsandbytes does, and scratch memory is shared safely."""

import bitsandbytes as bnb
import torch
from torch import nn

from core.training.engine.fused import nf4


def _packed(n, k, dtype=torch.float32):
    weight = bnb.nn.Params4bit(torch.randn(n, k, dtype=dtype), False, quant_type="nf4")
    return weight.to("cpu")


def test_weights_lie_one_below_the_other(error):
    weights = [_packed(32, 128), torch.randn(16, 128), _packed(16, 128)]
    out = torch.empty(64, 128, dtype=torch.float32)
    nf4.write_out(weights, out)

    wide = [bnb.functional.dequantize_4bit(w.data, w.quant_state) for w in (weights[0], weights[2])]
    assert error(out, torch.cat((wide[0], weights[1], wide[1]))) < 1e-6
    assert [nf4.rows_of(w) for w in weights] == [(32, 128), (16, 128), (16, 128)]
    assert [nf4.is_quantised(w) for w in weights] == [True, False, True]


def test_adapters_lie_behind_the_rows():
    memory = torch.full((6, 10), 9.0)
    blocks = [torch.ones(4, 2), torch.empty(0, 0), 2 * torch.ones(2, 1)]
    nf4.write_out([torch.zeros(4, 6), torch.zeros(2, 6)], memory[:, :6], blocks)

    expected = torch.zeros(6, 4)
    expected[:4, :2], expected[4:, 2] = 1, 2
    assert torch.equal(nf4.behind(memory[:, :6]), expected)
    assert torch.equal(nf4.with_behind(memory[:, :6]), memory)


def test_a_slot_knows_whose_weights_it_holds():
    scratch, like = nf4.Scratch(), torch.empty(0)
    first, held = scratch.claim("a", "slot", like, (4, 6, 2))
    assert first.shape == (4, 6) and first.stride() == (8, 1) and not held
    assert scratch.claim("a", "slot", like, (4, 6, 2))[1]
    other, held = scratch.claim("b", "slot", like, (4, 6, 0))
    assert other.data_ptr() == first.data_ptr() and not held
    assert not scratch.claim("a", "slot", like, (4, 6, 2))[1]
    larger, held = scratch.claim("a", "slot", like, (40, 6, 2))
    assert larger.shape == (40, 6) and not held


def test_answering_on_a_cpu_leaves_the_weights_trainable():
    layer = bnb.nn.Linear4bit(64, 64, bias=False, quant_type="nf4", compute_dtype=torch.bfloat16)
    layer.weight = _packed(64, 64, torch.bfloat16)
    model = nn.Sequential(layer)
    before = layer.weight.data.clone()
    nf4.keep_plain_layout(model)
    with torch.no_grad():
        model.eval()(torch.randn(2, 64, dtype=torch.bfloat16))

    assert torch.equal(layer.weight.data, before)
    assert nf4.is_plain(layer.weight)
    x = torch.randn(2, 64, dtype=torch.bfloat16, requires_grad=True)
    model.train()(x).sum().backward()
    assert x.grad is not None
