"""A whole layer against transformers' own, kept and recomputed, in float64."""

import pytest
import torch

from core.training.engine.attention import Positions, Segments
from core.training.engine.layer import Visit, run_layer
from core.training.engine.offload.host_store import Parked
from core.training.engine.projection import refresh
from core.training.engine.reading import read


def _positions(inner, tokens, *kind):
    x = torch.zeros(1, dtype=torch.float64)
    table = inner.rotary_emb(x, torch.arange(tokens)[None], *kind)
    half = table[0].shape[-1] // 2
    segments = Segments(torch.tensor([0, tokens], dtype=torch.int32), (tokens,))
    return Positions(segments, *(t[0, :, :half] for t in table)), table


@pytest.mark.parametrize(
    ("family", "changes"), [("Llama", {}), ("Qwen3", {"head_dim": 32}), ("Gemma3", {})]
)
@pytest.mark.parametrize("keep", [True, False])
def test_output_and_every_gradient(tiny, error, family, changes, keep):
    model = tiny(family, **changes)
    seen = read(model)
    layer, module = seen.layers[1], seen.inner.layers[1]
    refresh(layer.projections())
    kind = ["full_attention"] if family == "Gemma3" else []
    positions, table = _positions(seen.inner, 13, *kind)
    h = torch.randn(13, 64, dtype=torch.float64, requires_grad=True)
    dy = torch.randn(13, 64, dtype=torch.float64)
    inputs = [h, *layer.parameters()]
    expected = module(h[None], position_embeddings=table, attention_mask=None)[0]
    d_expected = torch.autograd.grad(expected, inputs, dy)

    out = run_layer(h, layer, positions, Visit(keep, Parked(h.detach())))
    gradients = torch.autograd.grad(out, inputs, dy)

    assert error(out.detach(), expected.detach()) < 1e-6  # transformers norms in fp32
    for got, wanted in zip(gradients, d_expected, strict=True):
        assert error(got, wanted) < 1e-6


def test_a_second_backward_pass_is_refused(tiny):
    seen = read(tiny())
    refresh(seen.layers[0].projections())
    positions, _ = _positions(seen.inner, 4)
    h = torch.randn(4, 64, dtype=torch.float64, requires_grad=True)
    out = run_layer(h, seen.layers[0], positions, Visit(True, Parked(h.detach()))).sum()
    out.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="once"):
        out.backward()
