"""Attention over packed segments against one block-diagonal mask over all."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from core.training.engine import attention
from core.training.engine.attention import Segments, attend, takes_segments


def _segments(lengths, device="cpu"):
    starts = torch.tensor([0, *lengths]).cumsum(0).to(device, torch.int32)
    return Segments(starts, tuple(lengths))


def _masked(q, k, v, lengths, scale, window=None):
    """The oracle: all tokens at once, with a mask that keeps segments apart."""
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    back = torch.arange(len(owner))[:, None] - torch.arange(len(owner))
    mask = (owner[:, None] == owner) & (back >= 0) & (back < (window or len(owner)))
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    heads = (x.transpose(0, 1)[None] for x in (q, k, v))
    out = scaled_dot_product_attention(*heads, attn_mask=mask.to(q.device), scale=scale)
    return out[0].transpose(0, 1)


@pytest.mark.parametrize("lengths", [[1], [5, 5, 5], [3, 1, 8, 2], [23, 4]])
@pytest.mark.parametrize("heads", [(2, 2), (4, 2), (3, 1)])
@pytest.mark.parametrize("window", [None, 1, 4, 7, 8, 23])
def test_output_and_gradients_equal_the_masked_oracle(lengths, heads, window, error):
    tokens = sum(lengths)
    q, k, v = (
        torch.randn(tokens, n, 8, dtype=torch.float64, requires_grad=True)
        for n in (heads[0], heads[1], heads[1])
    )
    d_out = torch.randn(tokens, heads[0], 8, dtype=torch.float64)
    expected = _masked(q, k, v, lengths, 0.3, window)
    d_expected = torch.autograd.grad(expected, (q, k, v), d_out)

    heads = (x.detach() for x in (q, k, v))
    out, pull_back = attend(*heads, _segments(lengths), 0.3, window=window)
    assert not out.requires_grad
    assert error(out, expected.detach()) < 1e-12
    for got, wanted in zip(pull_back(d_out), d_expected, strict=True):
        assert torch.allclose(got, wanted, rtol=1e-10, atol=1e-13)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
@pytest.mark.parametrize("path", ["flash", "varlen", "one by one", "window"])
def test_every_path_on_a_card(path, monkeypatch, error):
    lengths, window = [70, 1, 130, 33], 40 if path == "window" else None
    q, k, v = (torch.randn(234, n, 64, device="cuda", dtype=torch.bfloat16) for n in (8, 2, 2))
    d_out = torch.randn_like(q)
    wide = [x.float().requires_grad_() for x in (q, k, v)]
    expected = _masked(*wide, lengths, 0.125, window)
    d_expected = torch.autograd.grad(expected, wide, d_out.float())
    if path == "one by one":
        monkeypatch.setattr(attention, "takes_segments", lambda _: False)
    if path == "varlen":
        monkeypatch.setattr(attention, "_flash_is_known", lambda: False)
    else:
        assert path != "flash" or attention._flash_is_known()

    out, pull_back = attend(q, k, v, _segments(lengths, "cuda"), 0.125, window=window)
    assert error(out, expected) < 1e-2
    for got, wanted in zip(pull_back(d_out), d_expected, strict=True):
        assert error(got, wanted) < 1e-2


def _seen_by(monkeypatch, built=True, capability=(8, 6), **changes):
    """Ask about heads as they would lie on a card."""
    monkeypatch.setattr(torch.backends.cuda, "is_flash_attention_available", lambda: built)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    heads = {"is_cuda": True, "dtype": torch.bfloat16, "shape": (9, 4, 64), "device": "cuda:0"}
    return takes_segments(SimpleNamespace(**(heads | changes)))


def test_flash_attention_is_used_only_where_it_was_built_and_fits(monkeypatch):
    assert _seen_by(monkeypatch)
    assert not _seen_by(monkeypatch, built=False)  # torch for Windows
    assert not _seen_by(monkeypatch, capability=(7, 5))
    assert not _seen_by(monkeypatch, is_cuda=False)
    assert not _seen_by(monkeypatch, dtype=torch.float32)
    assert not _seen_by(monkeypatch, shape=(9, 4, 260))
    assert not _seen_by(monkeypatch, shape=(9, 4, 60))


def test_without_flash_attention_segments_are_run_one_by_one(monkeypatch, error):
    """Neither the operators nor torch's function for segments may be called."""
    monkeypatch.setattr(attention, "takes_segments", lambda q: _seen_by(monkeypatch, built=False))
    monkeypatch.setattr(attention, "_flash", None)
    monkeypatch.setattr(attention, "_varlen", None)
    q = torch.randn(9, 2, 8, dtype=torch.float64)
    out, _ = attend(q, q, q, _segments([4, 5]), 0.3)
    assert error(out, _masked(q, q, q, [4, 5], 0.3)) < 1e-12


def test_torch_still_calls_things_by_these_names():
    assert attention._flash_is_known()
    assert attention._varlen_function() is not None
