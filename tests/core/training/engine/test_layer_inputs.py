"""What each layer is given besides the states, and the block that chooses from it."""

import numpy as np
import torch

from core.config.engine import EnginePlan
from core.training.engine.engine import attach
from core.training.engine.layer_inputs import Tail


def test_they_are_those_of_transformers(tiny):
    model = tiny("Gemma4")
    inner, given = model.base_model.model.model, attach(model).model.inputs
    ids = np.array([5, 9, 130])
    h = inner.embed_tokens(torch.from_numpy(ids))
    rows = inner.get_per_layer_inputs(torch.from_numpy(ids)[None])
    expected = inner.project_per_layer_inputs(h[None], rows)[0]
    found = given.of(ids, h)
    assert found.shape == (3, 6, 8) and not found.requires_grad
    assert torch.equal(found, expected)


def test_the_number_behind_a_layer_is_learned_through():
    h, dy = torch.randn(3, 4), torch.randn(3, 4)
    out, kept = Tail(0.5).forward(h.clone(), None)
    assert torch.equal(out, 0.5 * h)
    assert torch.equal(Tail(0.5).backward(dy, kept)[0], 0.5 * dy)
    assert Tail(0.5).projections() == []


def test_layers_without_either_have_no_tail(tiny):
    model = tiny("Gemma4", hidden_size_per_layer_input=0, num_kv_shared_layers=0)
    assert [layer.tail.choice for layer in attach(model).model.layers] == [None] * 6
    for layer in model.base_model.model.model.layers:
        layer.layer_scalar.fill_(1.0)
    assert {layer.tail for layer in attach(model).model.layers} == {None}


def test_the_table_may_wait_elsewhere_though_the_head_shares_the_embedding(tiny, batch):
    model, packed = tiny("Gemma4"), batch()
    moved = []
    engine = attach(model)
    engine.model.inputs.table.register_forward_hook(lambda *_: moved.append(1))
    before = engine.forward_loss(packed)[0]
    engine.follow(EnginePlan(host_embedding=True))
    assert torch.equal(engine.forward_loss(packed)[0], before)
    assert not moved  # rows are looked up where the table is, without its module
    engine.release()
