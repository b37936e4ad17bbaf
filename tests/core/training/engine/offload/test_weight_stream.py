"""Weights that wait on the host compute what resident ones compute, to the bit."""

import copy

import pytest
import torch

from core.config.engine import EnginePlan
from core.training.engine.engine import attach
from core.training.engine.fused.nf4 import keep_plain_layout
from core.training.engine.offload.weight_stream import LOADED, Packed, WeightStream


def _weights(*sizes):
    return [torch.nn.Parameter(torch.randn(n), requires_grad=False) for n in sizes]


def _stream(layers):
    modules = [torch.nn.Identity() for _ in layers]
    stream = WeightStream(torch.device("cpu"))
    stream.hold(dict(enumerate(layers)), modules)
    return stream, modules


def test_a_pass_up_and_down_finds_every_layer_with_two_blocks():
    layers = [_weights(5, 130), *(_weights(7, 3) for _ in range(4))]
    expected = copy.deepcopy(layers)
    stream, _ = _stream(layers)
    assert len(stream._ring) == 2
    for back, order in ((False, range(5)), (True, range(4, -1, -1)), (False, range(5))):
        for index in order:
            stream.need(index, back=back)
            blocks = {block.data_ptr() for block in stream._ring}
            assert layers[index][0].data_ptr() in blocks
            for got, wanted in zip(layers[index], expected[index], strict=True):
                assert torch.equal(got, wanted)


def test_the_next_layer_is_fetched_while_one_computes():
    stream, _ = _stream([_weights(4) for _ in range(4)])
    stream.need(0)
    assert set(stream._holds) == {0, 1}
    stream.need(1)
    assert set(stream._holds) == {1, 2}
    stream.need(3, back=True)
    assert set(stream._holds) == {3, 2}
    stream.need(2, back=True)
    assert set(stream._holds) == {2, 1}


def test_parameters_are_right_wherever_a_pass_was_left():
    """Evaluation and saving read them without asking anyone."""
    layers = [_weights(6) for _ in range(3)]
    expected = copy.deepcopy(layers)
    stream, modules = _stream(layers)
    for index in (0, 2, 1):
        stream.need(index)
        for got, wanted in zip(layers, expected, strict=True):
            assert torch.equal(got[0], wanted[0])
    modules[2](torch.zeros(1))
    assert 2 in stream._holds


def test_layers_come_back_for_good():
    layers = [_weights(6) for _ in range(3)]
    stream, modules = _stream(layers)
    expected = copy.deepcopy(layers)
    stream.need(1)
    stream.hold({1: layers[1]}, modules)
    assert stream.waiting == {1} and len(stream._ring) == 1
    stream.need(1)
    stream.release()
    assert stream.waiting == set() and not modules[1]._forward_pre_hooks
    assert torch.equal(torch.cat([w for (w,) in layers]), torch.cat([w for (w,) in expected]))
    stream.need(1)


def test_a_layer_for_which_there_is_no_room_goes_on_waiting(monkeypatch):
    layers = [_weights(5, 130), _weights(7, 3)]
    expected = copy.deepcopy(layers)
    stream, modules = _stream(layers)
    real, calls = torch.Tensor.to, []

    def full(tensor, *arguments, **options):
        calls.append(1)
        if len(calls) == 4:  # the second tensor of the second layer
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(tensor, *arguments, **options)

    monkeypatch.setattr(torch.Tensor, "to", full)
    with pytest.raises(torch.OutOfMemoryError):
        stream.hold({}, modules)
    assert len(stream.waiting) == 1
    (left,) = stream.waiting
    blocks = [w.untyped_storage().data_ptr() for w in layers[left]]
    assert blocks[0] == blocks[1]  # still views of one block, as before
    stream.hold(dict(enumerate(layers)), modules)
    for index in (0, 1):
        stream.need(index)
        for got, wanted in zip(layers[index], expected[index], strict=True):
            assert torch.equal(got, wanted)
    assert [len(m._forward_pre_hooks) for m in modules] == [1, 1]


def test_a_layer_that_was_loaded_to_wait_keeps_its_block():
    layers = [_weights(6), _weights(6)]
    expected = copy.deepcopy(layers)
    modules = [torch.nn.Identity() for _ in layers]
    packed = [Packed.of(index, weights, pin=False) for index, weights in enumerate(layers)]
    for module, loaded in zip(modules, packed, strict=True):
        setattr(module, LOADED, loaded)
    layers[1] = [torch.nn.Parameter(layers[1][0].clone(), requires_grad=False)]  # another one
    stream = WeightStream(torch.device("cpu"))
    stream.hold(dict(enumerate(layers)), modules)
    assert stream._waiting[0] is packed[0]
    assert stream._waiting[1] is not packed[1]
    assert not any(hasattr(module, LOADED) for module in modules)
    stream.need(1)
    stream.release()
    assert torch.equal(torch.cat([w for (w,) in layers]), torch.cat([w for (w,) in expected]))


@pytest.mark.parametrize("plan", [
    EnginePlan(stream_layers=3), EnginePlan(stream_layers=2), EnginePlan(stream_layers=1),
    EnginePlan(stream_layers=3, keep_layers=1), EnginePlan(stream_layers=2, keep_layers=0),
])  # fmt: skip
@pytest.mark.parametrize("family", [
    "Llama", "Gemma3", "SmolLM3", "Granite", "Olmo3", "Glm4", "Gemma4", "Gemma4Unified",
])  # fmt: skip
def test_losses_and_gradients_of_nf4_are_the_same_to_the_bit(tiny, batch, gradients, plan, family):
    model, batches = tiny(family, dtype=torch.bfloat16, nf4=True), [batch(seed=s) for s in range(2)]
    engine = attach(model)
    losses = [engine.forward_loss(packed)[0] for packed in batches]
    for loss in losses:
        loss.backward()
    expected = gradients(model)

    engine.follow(plan)
    again = [engine.forward_loss(packed)[0] for packed in batches]
    for loss in again:
        loss.backward()
    assert [loss.item() for loss in again] == [loss.item() for loss in losses]
    for name, gradient in gradients(model).items():
        assert torch.equal(gradient, expected[name]), name


def test_the_model_still_answers_and_everything_returns(tiny, batch):
    model, ids = tiny(dtype=torch.bfloat16, nf4=True), torch.tensor([[5, 6, 7]])
    keep_plain_layout(model)
    with torch.no_grad():
        expected = model.eval()(ids).logits
    engine = attach(model, EnginePlan(stream_layers=3, keep_layers=0))
    with torch.no_grad():
        engine.forward_loss(batch())
        assert torch.equal(model(ids).logits, expected)
    engine.release()
    with torch.no_grad():
        assert torch.equal(model(ids).logits, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a card")
def test_on_a_card_the_same_to_the_bit(tiny, batch, gradients):
    sizes = {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 8}
    model = tiny(dtype=torch.bfloat16, nf4=True, device="cuda", **sizes)
    packed = batch(lengths=(300, 200))
    engine = attach(model)
    loss = engine.forward_loss(packed)[0]
    loss.backward()
    expected = gradients(model)
    for count in (8, 3):
        engine.follow(EnginePlan(stream_layers=count, keep_layers=4))
        for _ in range(3):
            again = engine.forward_loss(packed)[0]
            again.backward()
            assert again.item() == loss.item()
            for name, gradient in gradients(model).items():
                assert torch.equal(gradient, expected[name]), name
