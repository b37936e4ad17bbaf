"""Heads that norm values, take them from keys, lend both: exactly what transformers computes."""

import pytest
import torch
from transformers.models.gemma4 import modeling_gemma4

from core.training.engine.attention import Lent
from core.training.engine.engine import attach
from tests.core.training.engine.conftest import GEMMA_4_LARGE


@pytest.mark.parametrize("changes", [{}, {"num_kv_shared_layers": 4}, GEMMA_4_LARGE])
def test_without_rounding_gradients_are_those_of_transformers(
    tiny, batch, peft_loss, gradients, error, monkeypatch, changes
):
    """With norms in 64 bits, where transformers has 32."""

    def wide(module, x):
        normed = module._norm(x)
        return normed * module.weight if module.with_scale else normed

    monkeypatch.setattr(modeling_gemma4.Gemma4RMSNorm, "forward", wide)
    model, packed = tiny("Gemma4", **changes), batch()
    reference = peft_loss(model, packed)
    reference.backward()
    expected = gradients(model)
    loss, _ = attach(model).forward_loss(packed)
    loss.backward()
    assert loss.item() == pytest.approx(reference.item(), rel=1e-7)  # tables are in 32 bits
    found = gradients(model)
    for name, gradient in found.items():
        assert error(gradient, expected[name]) < 1e-6, name
    borrowed = changes.get("num_kv_shared_layers", 3)
    assert sum("k_proj" in name for name in found) == 2 * (6 - borrowed)


def test_what_is_lent_is_paid_back_once():
    lent = Lent(torch.ones(2, 1, 4), torch.ones(2, 1, 4))
    own = torch.full((2, 1, 4), 5.0), torch.full((2, 1, 4), 7.0)
    lent.give_back(torch.full((2, 1, 4), 1.0), torch.full((2, 1, 4), 2.0))
    lent.give_back(torch.full((2, 1, 4), 10.0), torch.full((2, 1, 4), 20.0))
    dk, dv = lent.collected(*own)
    assert dk.unique().item() == 16 and dv.unique().item() == 29
    dk, dv = lent.collected(*own)
    assert dk is own[0] and dv is own[1]
