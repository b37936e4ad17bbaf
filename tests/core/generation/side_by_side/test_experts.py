"""Rows of a batch with different fine-tunes on the same experts, beside peft's own answers."""

import copy

import pytest
import torch

from core.generation.choice import decoder_for
from core.generation.plain import PlainDecoder
from core.generation.side_by_side.linears import AdapterBank
from core.models.experts.modules import FACTORS, compute_together, experts_of
from core.models.lora import Update, read_all_updates
from core.training.adapter import add_adapter, save_adapter
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import small_model

IDS = torch.randint(5, 250, (3, 12), generator=torch.Generator().manual_seed(2))


def tuned(base, folder, seed, rank):
    """A fine-tune of the base, stored in the folder; return its logits."""
    model = add_adapter(
        copy.deepcopy(base), CONFIG.with_values({"rank": rank, "alpha": 2 * rank})
    ).eval()
    dice = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.05)
    folder.mkdir()
    save_adapter(model, folder)
    with torch.no_grad():
        return model(input_ids=IDS, use_cache=False).logits


@pytest.mark.parametrize("family", ["qwen3_moe", "gpt_oss"])
def test_every_row_has_the_logits_of_its_own_fine_tune(family, tmp_path):
    base = small_model(family, known()[family]).eval().requires_grad_(False)
    compute_together(base)
    with torch.no_grad():
        plain = base(input_ids=IDS, use_cache=False).logits
    wanted = [plain] + [tuned(base, tmp_path / str(rank), rank, rank) for rank in (4, 8)]
    bank = AdapterBank(base, torch.float32)
    for rank in (4, 8):
        bank.add(f"tuned {rank}", *read_all_updates(tmp_path / str(rank)))
    assert bank.has_experts
    numbers = torch.tensor([2, 0, 1])
    bank.use(numbers, active=True)
    with torch.no_grad():
        found = base(input_ids=IDS, use_cache=False).logits
        for row, number in enumerate(numbers.tolist()):
            assert torch.allclose(found[row], wanted[number][row], atol=1e-4, rtol=1e-4)
            assert number == 0 or not torch.allclose(found[row], plain[row], atol=1e-2)
        bank.use(torch.zeros(3, dtype=torch.long), active=False)
        assert torch.equal(base(input_ids=IDS, use_cache=False).logits, plain)
    _, module = next(experts_of(base))
    assert FACTORS not in module.__dict__
    assert isinstance(decoder_for(base, bank, 2, 64), PlainDecoder)


def test_experts_of_another_base_are_refused():
    base = small_model("qwen3_moe", known()["qwen3_moe"])
    name, _ = next(experts_of(base))
    strange = Update(torch.ones(4, 2, 5), torch.ones(4, 7, 2), 1.0)
    with pytest.raises(KeyError):
        AdapterBank(base).add("other", {}, {name: [strange]})
    with pytest.raises(KeyError):
        AdapterBank(base).add("other", {}, {"model.layers.9.mlp.experts": [strange]})
    with pytest.raises(KeyError):
        AdapterBank(base).add("other", {}, {"model.layers.0.self_attn": [strange]})
