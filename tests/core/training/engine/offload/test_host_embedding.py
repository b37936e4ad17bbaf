"""An embedding on the host answers as before."""

import pytest
import torch
from torch import nn

from core.training.engine.offload.host_embedding import move_back, move_to_host


def test_on_a_cpu_nothing_changes():
    embedding = nn.Embedding(5, 3)
    before = embedding(torch.tensor([1, 4]))
    move_to_host(embedding, torch.device("cpu"))
    assert torch.equal(embedding(torch.tensor([1, 4])), before)
    move_back(embedding, torch.device("cpu"))
    assert not embedding._forward_hooks


def test_a_scale_goes_where_the_weight_goes():
    """Here to a device without memory, which every processor has."""
    embedding = nn.Embedding(5, 3, device="meta")
    embedding.register_buffer("embed_scale", torch.tensor(2.0), persistent=False)
    embedding.crossing = []
    move_back(embedding, torch.device("meta"))
    assert {embedding.weight.device.type, embedding.embed_scale.device.type} == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
def test_on_a_card_the_weight_moves_and_rows_come_back():
    embedding, ids = nn.Embedding(5, 3).cuda(), torch.tensor([1, 4], device="cuda")
    before = embedding(ids)
    move_to_host(embedding, torch.device("cuda"))
    assert embedding.weight.device.type == "cpu"
    assert torch.equal(embedding(ids), before)
    move_back(embedding, torch.device("cuda"))
    assert embedding.weight.is_cuda and not embedding._forward_hooks
    assert torch.equal(embedding(ids), before)
