"""Attention with sinks beside the family's own, which writes down all scores."""

import pytest
import torch
from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

from core.models.families.sinks import attend
from core.models.families.table import needs_all_scores


class Heads:
    num_key_value_groups = 4
    training = False


def parts(tokens=12, keys=12):
    dice = torch.Generator().manual_seed(2)
    shapes = ((2, 8, tokens, 16), (2, 2, keys, 16), (2, 2, keys, 16))
    tensors = [torch.randn(shape, generator=dice, dtype=torch.double) for shape in shapes]
    return [*(t.requires_grad_() for t in tensors), torch.randn(8, generator=dice).double()]


@pytest.mark.parametrize("window", [None, 4])
def test_output_and_gradients_are_the_familys_own(window):
    query, key, value, sinks = parts()
    seen = torch.ones(12, 12, dtype=torch.bool).tril()
    if window:
        seen &= ~torch.ones(12, 12, dtype=torch.bool).tril(-window)
    bias = torch.zeros(12, 12, dtype=torch.double).masked_fill(~seen, -torch.inf)[None, None]
    module = Heads()
    module.sinks = sinks
    own = eager_attention_forward(module, query, key, value, bias, scaling=0.25)[0]
    mask = seen[None, None] if window else None
    ours = attend(module, query, key, value, mask, s_aux=sinks, scaling=0.25)[0]
    assert torch.allclose(ours, own)
    as_bias = attend(module, query, key, value, bias, s_aux=sinks, scaling=0.25)[0]
    assert torch.allclose(as_bias, own)
    for one, other in zip(*(torch.autograd.grad(out.square().sum(), (query, key, value))
                            for out in (ours, own)), strict=True):  # fmt: skip
        assert torch.allclose(one, other)


def test_a_single_token_sees_everything_before_it():
    query, key, value, sinks = parts(tokens=1)
    module = Heads()
    module.sinks = sinks
    own = eager_attention_forward(module, query, key, value, None, scaling=0.25)[0]
    ours = attend(module, query, key, value, None, s_aux=sinks, scaling=0.25)[0]
    assert torch.allclose(ours, own)


def test_no_family_with_it_is_planned_with_all_scores():
    assert not needs_all_scores("gpt_oss") and needs_all_scores("bloom")
