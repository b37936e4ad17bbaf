"""Gated delta-net layers by Triton against the plain twin; TRITON_INTERPRET=1 without a card."""

import os

import numpy as np
import pytest
import torch

pytest.importorskip("triton", reason="Triton comes with torch for NVIDIA cards only")
CARD = torch.cuda.is_available()
if not CARD and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("needs a card, or TRITON_INTERPRET=1", allow_module_level=True)

from core.training.engine import delta  # noqa: E402
from core.training.engine.attention import Positions, Segments  # noqa: E402
from core.training.engine.fused import delta as fused_delta  # noqa: E402
from core.training.engine.fused import delta_kernels  # noqa: E402

DEVICE = "cuda" if CARD else "cpu"


@pytest.fixture(autouse=True)
def _numbers_of_the_interpreter(monkeypatch):
    """WORKAROUND: Triton 3.6's interpreter turns an array of one number into a bound of a loop."""
    if CARD:
        return
    from triton.runtime import interpreter

    patch = interpreter._patch_lang_tensor

    def patched(tensor, *rest):
        patch(tensor, *rest)
        tensor.__index__ = lambda self: self.handle.data.item()

    monkeypatch.setattr(interpreter, "_patch_lang_tensor", patched)


LENGTHS = [(9, 17, 4), (70, 1, 64, 65), (130,)]
HEADS = [(4, 2, 16, 32), (3, 1, 16, 64)]
exact = pytest.mark.skipif(CARD, reason="a card has no kernels for products of 32 bits")


def _net(value_heads, key_heads, key_dim, value_dim, rate=None):
    wide = 2 * key_heads * key_dim + value_heads * value_dim
    draw = torch.Generator().manual_seed(5)

    def random(*shape):
        return torch.randn(*shape, generator=draw).to(DEVICE)

    norm = 1 + 0.1 * random(value_dim), 1e-6
    rates = random(value_heads) if rate is None else torch.full((value_heads,), rate).to(DEVICE)
    return delta.DeltaNet(
        random(wide, 4) / 2, rates, random(value_heads), norm,
        value_heads, key_heads, key_dim, value_dim,
    )  # fmt: skip


def _both(net, lengths, dtype, monkeypatch, room=1 << 30, alike=slice(0)):
    """Return outputs and gradients with the kernels and without."""
    return [
        _one(net, lengths, dtype, monkeypatch, module, room, alike)
        for module in (delta_kernels, None)
    ]


def _one(net, lengths, dtype, monkeypatch, module, room=1 << 30, alike=slice(0)):
    """Return outputs and gradients with these kernels."""
    columns = 2 * net.key_heads * net.key_dim + 2 * net.value_heads * net.value_dim
    draw = torch.Generator().manual_seed(7)
    shape = sum(lengths), columns + 2 * net.value_heads
    product = torch.randn(*shape, generator=draw).to(DEVICE, dtype)
    product[:, alike] = 1
    d = torch.randn(shape[0], net.value_heads * net.value_dim, generator=draw).to(DEVICE, dtype)
    starts = torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int32, device=DEVICE)
    positions = Positions(Segments(starts, lengths), d, d, states_room=room)
    monkeypatch.setattr(delta, "kernels_for_heads", lambda *_: module)
    out, way_back = net.mixed(product, positions)
    return out, way_back(d)


@exact
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("heads", HEADS)
def test_outputs_and_gradients_in_32_bits(heads, lengths, error, monkeypatch):
    ours, plain = _both(_net(*heads), lengths, torch.float32, monkeypatch)

    assert error(ours[0], plain[0]) < 1e-5
    assert error(ours[1], plain[1]) < 1e-5


@exact
def test_few_heads_at_a_time(error, monkeypatch):
    ours, plain = _both(_net(*HEADS[0]), (70, 9), torch.float32, monkeypatch, room=1)

    assert error(ours[0], plain[0]) < 1e-5
    assert error(ours[1], plain[1]) < 1e-5


@exact
def test_keys_that_are_all_alike_lose_no_digits(error, monkeypatch):
    net = _net(2, 2, 16, 16)
    net.forget.fill_(-12)  # nothing is forgotten

    ours, plain = _both(net, (128,), torch.float32, monkeypatch, alike=slice(32, 64))

    assert error(ours[0], plain[0]) < 1e-4
    assert error(ours[1], plain[1]) < 1e-3


@exact
@pytest.mark.parametrize("rate", [1.0, 3.0])
def test_heads_that_forget_at_once_have_gradients_where_a_chunk_is_not_full(
    rate, error, monkeypatch
):
    ours, plain = _both(_net(*HEADS[0], rate), (70, 9), torch.float32, monkeypatch)

    assert error(ours[0], plain[0]) < 1e-5
    assert error(ours[1], plain[1]) < 1e-4  # sums of -1,000 have fewer digits behind the point


@pytest.mark.parametrize("rate", [None, 3.0])
@pytest.mark.parametrize("heads", [(4, 2, 64, 64), (4, 2, 128, 128)] if CARD else [(2, 1, 32, 32)])
def test_16_bits_are_as_near_as_those_of_the_twin(heads, rate, error, monkeypatch):
    net, lengths = _net(*heads, rate), (200, 64, 7)
    dtype = torch.bfloat16 if CARD else torch.half  # the interpreter has no bfloat16
    exact = _one(net, lengths, torch.float32, monkeypatch, None)
    ours, plain = _both(net, lengths, dtype, monkeypatch)

    for got, twin, wanted in zip(ours, plain, exact, strict=True):
        assert error(got.float(), wanted) < max(1.5 * error(twin.float(), wanted), 0.004)


def test_kernels_that_compute_something_else_are_noticed(monkeypatch):
    dtype, sizes = (torch.bfloat16, (128, 128)) if CARD else (torch.half, (16, 32))
    where = torch.device(DEVICE), dtype, sizes, delta.plainly_mixed

    assert fused_delta.distance(delta_kernels, *where) < fused_delta._FAR / 2
    right = delta_kernels.prepared

    def wrong(*arguments):
        right(*arguments)
        arguments[6].mul_(0.5)  # half is forgotten

    monkeypatch.setattr(delta_kernels, "prepared", wrong)
    assert fused_delta.distance(delta_kernels, *where) > fused_delta._FAR
