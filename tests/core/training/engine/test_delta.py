"""Gated delta-net layers: each example alone, token by token, is what packed chunks must give."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from core.chat.packing import collate
from core.config.engine import EnginePlan
from core.models.shape import DeltaLayers, ModelShape
from core.planning.memory import MemorySettings, memory_need
from core.training.engine.attention import Segments
from core.training.engine.delta import delta_rule
from core.training.engine.engine import attach
from core.training.engine.offload import weight_stream

SIZES = {
    "num_hidden_layers": 4, "head_dim": 16, "linear_num_value_heads": 4, "linear_num_key_heads": 2,
    "linear_key_head_dim": 16, "linear_value_head_dim": 24, "max_position_embeddings": 512,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5,
                        "mrope_section": [2, 1, 1]},
}  # fmt: skip
TARGETS = [
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "in_proj_qkv",
    "in_proj_z", "in_proj_b", "in_proj_a", "out_proj",
]  # fmt: skip
LENGTHS = [(9, 17, 4), (150, 3, 64, 65), (1,), (130,)]


def segments_of(lengths):
    starts = torch.tensor([0, *np.cumsum(lengths)], dtype=torch.int32)
    return Segments(starts, tuple(lengths))


def token_by_token(q, k, v, decay, write):
    """The rule as it is written down, for one example."""
    state, out = torch.zeros(v.shape[1], k.shape[2], v.shape[2], dtype=v.dtype), []
    for t in range(len(q)):
        state = state * decay[t].exp()[:, None, None]
        said = (state * k[t][:, :, None]).sum(1)
        state = state + k[t][:, :, None] * ((v[t] - said) * write[t][:, None])[:, None]
        out.append((state * q[t][:, :, None]).sum(1))
    return torch.stack(out)


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("group", [1, 2])
def test_chunks_give_what_the_rule_says_for_each_example(lengths, group):
    numbers, tokens = torch.Generator().manual_seed(3), sum(lengths)

    def draw(*shape):
        return torch.randn(tokens, *shape, generator=numbers, dtype=torch.float64)

    q, k, v = draw(4 // group, 8), draw(4 // group, 8), draw(4, 6)
    decay, write = -draw(4).exp(), draw(4).sigmoid()
    leaves = [x.requires_grad_() for x in (q, k, v, decay, write)]
    out = delta_rule((q, k, v), decay, write, segments_of(lengths))
    out.pow(2).sum().backward()
    found = [leaf.grad.clone() for leaf in leaves]

    for leaf in leaves:
        leaf.grad = None
    long = [x / (x.pow(2).sum(-1, keepdim=True) + 1e-6).sqrt() for x in (q, k)]
    long = [x.repeat_interleave(group, dim=1) for x in long]
    parts = (long[0] * 8**-0.5, long[1], v, decay, write)
    alone = [token_by_token(*one) for one in zip(*(x.split(lengths) for x in parts), strict=True)]
    expected = torch.cat(alone)
    expected.pow(2).sum().backward()
    assert torch.allclose(out, expected, atol=1e-12)
    for gradient, leaf in zip(found, leaves, strict=True):
        assert torch.allclose(gradient, leaf.grad, atol=1e-9)


def each_alone(model, rows):
    """Summed loss of transformers and peft, one example at a time; gradients are kept."""
    total = 0.0
    for row in rows:
        one = collate([row])
        logits = model(input_ids=torch.from_numpy(one.ids), use_cache=False).logits.float()
        targets = torch.from_numpy(one.labels)[0, 1:]
        loss = cross_entropy(logits[0, :-1], targets, reduction="sum")
        loss.backward()
        total += loss.item()
    return total


@pytest.mark.parametrize("room", [256, 0])
@pytest.mark.parametrize("plan", [{}, {"keep_layers": 0}, {"keep_layers": 2}])
def test_losses_and_all_gradients_equal_those_of_each_example_alone(
    tiny, rows, gradients, error, plan, room
):  # with room for all heads at once, or for none: then each key head is computed alone
    model = tiny("Qwen3_5", dtype=torch.float32, targets=TARGETS, **SIZES)
    given = rows((9, 150, 3, 70, 64))
    reference = each_alone(model, given)
    expected = gradients(model)
    loss, _ = attach(model, EnginePlan(**plan, states_mib=room)).forward_loss(collate(given))
    loss.backward()
    assert loss.item() == pytest.approx(reference, rel=1e-6)
    for name, gradient in gradients(model).items():
        assert error(gradient, expected[name]) < 1e-4, name


def test_weights_that_come_from_the_host_give_the_same(tiny, rows, gradients):
    model = tiny("Qwen3_5", dtype=torch.float32, targets=TARGETS, **SIZES)
    packed = collate(rows((9, 70, 3)))
    attach(model).forward_loss(packed)[0].backward()
    expected = gradients(model)
    engine = attach(model, EnginePlan(stream_layers=4))
    engine.forward_loss(packed)[0].backward()
    engine.release()
    found = gradients(model)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    names = [len(weight_stream.linear_weights(layer)) for layer in engine.model.inner.layers]
    assert names == [8, 8, 8, 7]


def test_in_evaluation_nothing_is_kept(tiny, rows):
    model = tiny("Qwen3_5", dtype=torch.float32, targets=TARGETS, **SIZES)
    with torch.no_grad():
        loss, _ = attach(model).forward_loss(collate(rows((9, 70, 3))))
    assert not loss.requires_grad


def test_a_kept_layer_holds_no_more_than_the_planner_counts(tiny, rows):
    sizes = {"hidden_size": 256, "intermediate_size": 512, **SIZES, "head_dim": 64}
    sizes |= {"linear_key_head_dim": 32, "linear_value_head_dim": 64}
    model = tiny("Qwen3_5", dtype=torch.bfloat16, targets=TARGETS, **sizes)
    packed, tokens, held = collate(rows((300, 200, 500))), 1000, []
    for keep in (4, 0):
        engine = attach(model, EnginePlan(keep_layers=keep))
        engine.forward_loss(packed)[0].backward()
        with torch.profiler.profile(profile_memory=True) as seen:
            loss = engine.forward_loss(packed)[0]
        held.append(sum(event.self_cpu_memory_usage for event in seen.key_averages()))
        del loss
    shape = ModelShape.from_dimensions(
        hidden_size=256, layers=4, heads=4, kv_heads=2, head_dim=64, ffn_size=512, vocab_size=131,
        context_length=tokens, tied_embeddings=False, head_norms=True,
    )  # fmt: skip
    shape = dataclasses.replace(
        shape, delta=DeltaLayers(3, 2 * 2 * 32 + 2 * 4 * 64 + 2 * 4, 4 * 64)
    )
    settings = MemorySettings(
        rank=4, device="cpu", layers="fused", recompute=0.0, micro_batch_tokens=tokens,
        loss_chunk_tokens=tokens, trained_share=1.0,
    )  # fmt: skip
    inputs = 2 * shape.hidden_size * tokens * shape.layers
    counted = memory_need(shape, settings).activations - inputs
    assert held[0] - held[1] == pytest.approx(counted, rel=0.03)
