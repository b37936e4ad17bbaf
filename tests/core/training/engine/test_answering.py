"""A model larger than the card answers as one that fits."""

import dataclasses

import pytest
import torch

from core.models.inspection import inspect_model
from core.models.loading import load_base
from core.training.adapter import add_adapter, move_adapter
from core.training.engine import answering
from core.training.engine.answering import _plan, load_to_answer, write_out_if_room
from tests.core.models.folders import make_family
from tests.core.planning.test_planner import SHAPES
from tests.core.training.conftest import TINY

IDS = torch.tensor([[5, 6, 7, 300]])


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
def test_answers_are_the_same_to_the_bit(tiny_model, monkeypatch, quantisation):
    monkeypatch.setattr(answering, "_BESIDES", 0)
    streamed = load_to_answer(tiny_model, quantisation, "cpu", free=1000)
    whole = load_base(tiny_model, quantisation, "cpu")
    streamed.train(), whole.train()  # bitsandbytes answers otherwise in eval mode on some machines
    with torch.no_grad():
        assert torch.equal(streamed(IDS).logits, whole(IDS).logits)
        again = streamed.generate(IDS, max_new_tokens=3, do_sample=False)
        assert torch.equal(again, whole.generate(IDS, max_new_tokens=3, do_sample=False))
    assert len(streamed.model.layers[0]._forward_pre_hooks) == 1
    model = move_adapter(add_adapter(streamed, TINY), "cpu")
    with torch.no_grad():
        assert model.train()(IDS).logits.shape == (1, 4, 49152)


@pytest.mark.parametrize("family", ["GemmaForCausalLM", "Gemma3ForCausalLM", "Phi3ForCausalLM"])
def test_other_families_answer_layer_by_layer_too(tmp_path, monkeypatch, family):
    monkeypatch.setattr(answering, "_BESIDES", 0)
    folder, ids = make_family(tmp_path / "base", family), torch.arange(3, 30)[None]
    streamed = load_to_answer(folder, "none", "cpu", free=1000)
    assert len(streamed.model.layers[2]._forward_pre_hooks) == 1
    with torch.no_grad():
        assert torch.equal(streamed(ids).logits, load_base(folder, "none", "cpu")(ids).logits)


def test_what_fits_is_loaded_as_ever(tiny_model):
    model = load_to_answer(tiny_model, "nf4", "cpu")
    assert not model.model.layers[0]._forward_pre_hooks
    assert not load_to_answer(tiny_model, "nf4", "cpu", 10**12).model.layers[0]._forward_pre_hooks


def test_as_few_layers_stream_as_must_be(tiny_model):
    shape = SHAPES["70B"]
    assert _plan(shape, "nf4", None).stream_layers == 0
    assert _plan(shape, "nf4", 48 << 30).stream_layers == 0
    some = _plan(shape, "nf4", 24 << 30).stream_layers
    assert 30 < some < 50
    assert _plan(shape, "nf4", 1 << 30).stream_layers == 80
    small = dataclasses.replace(inspect_model(tiny_model).shape)
    assert _plan(small, "none", 4 << 30).stream_layers == 0


@pytest.mark.parametrize(
    ("device", "room", "packed"),
    [("cpu", 1 << 40, False), ("cpu", 0, True), ("cuda:0", 1 << 40, True)],
)
def test_weights_are_written_out_on_a_processor_with_room(
    tiny_model, monkeypatch, device, room, packed
):
    import bitsandbytes as bnb

    monkeypatch.setattr(answering, "free_bytes", lambda _device: room)
    model = load_to_answer(tiny_model, "nf4", "cpu")
    write_out_if_room(model, device)
    assert any(isinstance(m, bnb.nn.Linear4bit) for m in model.modules()) is packed
