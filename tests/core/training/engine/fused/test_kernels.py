"""Each Triton kernel against its plain twin; on a card, or with TRITON_INTERPRET=1 without one."""

import os

import pytest
import torch

pytest.importorskip("triton", reason="Triton comes with torch for NVIDIA cards only")
CARD = torch.cuda.is_available()
if not CARD and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("needs a card, or TRITON_INTERPRET=1", allow_module_level=True)

from core.training.engine import gated  # noqa: E402
from core.training.engine.fused import head_loss, kernels, nf4, norm, rotary  # noqa: E402

DEVICE = "cuda" if CARD else "cpu"


@pytest.fixture(autouse=True)
def _plain_twins(monkeypatch):
    """The modules under comparison must not use the kernels themselves."""
    for module in (gated, head_loss, nf4, norm, rotary):
        monkeypatch.setattr(module, "kernels_for", lambda _: None)


def _random(*shape):
    return torch.randn(*shape, device=DEVICE)


@pytest.mark.parametrize("width", [64, 100, 576, 4096])
def test_norm(width, error):
    h, dx, residual, weight = (
        _random(5, width),
        _random(5, width),
        _random(5, width),
        _random(width),
    )
    plain = norm.Norm(weight, 1e-5, 1.0)
    wide = torch.full((5, width + 16), 7.0, device=DEVICE)
    rstd = kernels.rms_norm(h, weight, 1e-5, 1.0, wide[:, :width])
    expected, expected_rstd = plain.forward(h)

    assert error(wide[:, :width], expected) < 1e-6
    assert error(rstd, expected_rstd) < 1e-6
    assert torch.all(wide[:, width:] == 7)
    for around in (None, residual):
        dh = torch.full_like(dx, float("nan"))
        kernels.rms_norm_backward(dx, h, rstd, weight, 1.0, around, dh)
        assert error(dh, plain.backward(dx.clone(), h, rstd, around)) < 1e-6


@pytest.mark.parametrize("back", [False, True])
def test_rotation(back, error):
    src = _random(6, 5 * 32).view(6, 5, 32)[:, :3]
    cos, sin = _random(6, 16), _random(6, 16)
    out, expected = torch.full_like(src, float("nan")), torch.empty_like(src)
    kernels.rotate(src, out, cos, sin, -1.0 if back else 1.0)
    rotary.rotate(src, expected, cos, sin, back=back)

    assert error(out, expected) < 1e-6
    kernels.rotate(src, src, cos, sin, -1.0 if back else 1.0)
    assert error(src, expected) < 1e-6


def test_only_the_first_dimensions_turn(error):
    src, cos, sin = _random(6, 3, 64), _random(6, 8), _random(6, 8)
    out, expected = torch.full_like(src, 7.0), torch.empty_like(src)
    kernels.rotate(src, out, cos, sin, 1.0)
    rotary.rotate(src, expected, cos, sin)

    assert error(out[..., :16], expected[..., :16]) < 1e-6
    assert torch.all(out[..., 16:] == 7)
    kernels.rotate(src, src, cos, sin, 1.0)
    assert error(src, expected) < 1e-6


@pytest.mark.parametrize("activation", ["silu", "gelu_tanh"])
@pytest.mark.parametrize("width", [40, 3000])
def test_gate(width, activation, error):
    gate_up, d_out = _random(4, 2 * width), _random(4, width)
    out = torch.full_like(d_out, float("nan"))
    kernels.gate(gate_up, out, activation)
    assert error(out, gated.gate(gate_up, activation)) < 1e-6

    plain, plain_out = gate_up.clone(), d_out.clone()
    kernels.gate_backward(gate_up, d_out, activation)
    gated.gate_backward(plain, plain_out, activation)
    assert error(gate_up, plain) < 1e-6
    assert error(d_out, plain_out) < 1e-6


@pytest.mark.parametrize("vocabulary", [131, 4096, 9000])
def test_cross_entropy(vocabulary, error):
    logits = 3 * _random(4, vocabulary)
    targets = torch.randint(0, vocabulary, (4,), device=DEVICE)
    plain = logits.clone()
    expected = head_loss._cross_entropy(plain, targets, True)

    assert error(kernels.cross_entropy(logits, targets, False), expected) < 1e-6
    assert error(kernels.cross_entropy(logits, targets, True), expected) < 1e-6
    assert error(logits, plain) < 1e-6


def test_heads_are_gathered(error):
    dq, dk, dv = _random(6, 5, 32), _random(6, 3, 32), _random(6, 3, 32)
    cos, sin = _random(6, 16), _random(6, 16)
    out, expected = _random(6, 11 * 32), _random(6, 11 * 32)
    kernels.gather_heads(dq, dk, dv, cos, sin, out)
    rotary.gather_heads((dq, dk, dv), cos, sin, expected)

    assert error(out, expected) < 1e-6


def _packed(*shape, nested=True):
    import bitsandbytes

    weight = bitsandbytes.nn.Params4bit(
        _random(*shape), requires_grad=False, compress_statistics=nested, quant_type="nf4"
    )
    return weight.cpu().to(DEVICE)


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    "shapes", [[(64, 128)], [(48, 192), (80, 192)], [(96, 256), (32, 256), (32, 256)]]
)
def test_nf4_is_written_out_as_bitsandbytes_does(shapes, nested):
    import bitsandbytes

    weights = [_packed(*shape, nested=nested) for shape in shapes]
    n, k = sum(shape[0] for shape in shapes), shapes[0][1]
    wide = torch.full((n, k + 64), 5.0, device=DEVICE)
    kernels.write_out(weights, wide[:, :k])

    expected = [bitsandbytes.functional.dequantize_4bit(w.data, w.quant_state) for w in weights]
    assert torch.allclose(wide[:, :k], torch.cat(expected), rtol=1e-6, atol=0)
    assert torch.all(wide[:, k:] == 5)


@pytest.mark.parametrize("ranks", [(4,), (4, 4), (16, 0, 24), (64, 32, 32)])
def test_adapters_are_laid_behind_the_weights(ranks):
    weights = [_packed(rows, 128) for rows in (96, 32, 64)[: len(ranks)]]
    adapters = [_random(w.quant_state.shape[0], r) for w, r in zip(weights, ranks, strict=True)]
    n = sum(w.quant_state.shape[0] for w in weights)
    wide = torch.full((2, n, 128 + 128), 5.0, device=DEVICE)
    kernels.write_out(weights, wide[0, :, :128], adapters)
    nf4.write_out(weights, wide[1, :, :128], adapters)

    assert torch.allclose(wide[0], wide[1], rtol=1e-6, atol=0)
    assert torch.equal(wide[0, :, 128 : 128 + sum(ranks)], torch.block_diag(*adapters))
