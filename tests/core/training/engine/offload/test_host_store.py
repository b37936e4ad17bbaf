"""Parked layer inputs come back as they went."""

import pytest
import torch

from core.training.engine.offload.host_store import Parked


def test_without_a_stream_the_tensor_stays():
    x = torch.randn(3, 4)
    parked = Parked(x)
    assert parked.take() is x
    with pytest.raises(AssertionError, match="already taken"):
        parked.take()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
def test_a_chain_comes_back_from_the_host():
    stream, before, sent = torch.cuda.Stream(), None, []
    for _ in range(4):
        x = torch.randn(64, 1000, device="cuda")
        sent.append(x.clone())
        before = Parked(x, stream, before)
    chain = before
    order = []
    while chain is not None:
        following = chain.before
        assert chain.here is None or order
        order.append(chain.take())
        chain = following
    for got, wanted in zip(order, reversed(sent), strict=True):
        assert torch.equal(got, wanted)
