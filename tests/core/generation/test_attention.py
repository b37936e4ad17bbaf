"""Heads that share keys are asked together and answer as if each were asked alone."""

import pytest
import torch

from core.generation.attention import attend


@pytest.mark.parametrize(("heads", "shared"), [(4, 4), (4, 2), (6, 1)])
@pytest.mark.parametrize("tokens", [1, 3])
def test_the_output_is_that_of_repeated_keys(heads, shared, tokens):
    torch.manual_seed(0)
    query = torch.randn(2, heads, tokens, 8)
    key, value = torch.randn(2, shared, 5, 8), torch.randn(2, shared, 5, 8)
    mask = torch.rand(2, 1, tokens, 5) > 0.3
    mask[..., 0] = True
    module = torch.nn.Module()
    module.num_key_value_groups = heads // shared
    found, _ = attend(module, query, key, value, mask, scaling=0.3)
    scores = query @ key.repeat_interleave(heads // shared, 1).mT * 0.3
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    wanted = (weights @ value.repeat_interleave(heads // shared, 1)).transpose(1, 2)
    assert found.shape == (2, tokens, heads, 8)
    assert torch.allclose(found, wanted, atol=1e-6)
