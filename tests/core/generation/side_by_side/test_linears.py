"""Fine-tunes side by side on one base: each row computes what peft computes with its adapter."""

import pytest
import torch
from peft import LoraConfig, get_peft_model

from core.generation.decoder import BatchDecoder
from core.generation.side_by_side.linears import AdapterBank
from core.models.lora import Update
from tests.core.generation.test_decoder import logits_of, make, near


def tuned(seed, rank, targets):
    """Return a peft model with a random adapter, and what the adapter adds by module."""
    model = get_peft_model(
        make("Llama"), LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets)
    ).eval()
    torch.manual_seed(seed)
    updates = {}
    for name, module in model.base_model.model.named_modules():
        if hasattr(module, "lora_A"):
            down, up = module.lora_A["default"].weight, module.lora_B["default"].weight
            up.data.normal_(std=0.5)
            updates[name] = Update(down.detach(), up.detach(), 2.0)
    return model, updates


def test_each_row_answers_with_its_own_fine_tune():
    first, one = tuned(1, 4, ["q_proj", "v_proj", "down_proj"])
    second, two = tuned(2, 2, ["q_proj", "o_proj"])
    base = make("Llama")
    bank = AdapterBank(base)
    bank.add("first", one)
    bank.add("second", two)
    assert bank.names == ["base", "first", "second"]
    decoder = BatchDecoder(base, bank, slots=4, context=32)
    models = {0: make("Llama"), 1: first, 2: second, 3: first}
    numbers = {0: 0, 1: 1, 2: 2, 3: 1}
    ids = [5, 6, 7, 8]
    for row, number in numbers.items():
        assert near(decoder.read(row, ids, number), logits_of(models[row], ids))
    found = decoder.step(dict.fromkeys(numbers, 9), numbers)
    for row in numbers:
        assert near(found[row], logits_of(models[row], [*ids, 9]))
    assert not near(found[1], found[0]) and not near(found[2], found[1])


def test_beside_fine_tunes_the_base_is_the_base_to_the_bit():
    _model, one = tuned(1, 4, ["q_proj"])
    base = make("Llama")
    alone = BatchDecoder(make("Llama"), AdapterBank(base), 1, 32).read(0, [5, 6, 7], 0)
    bank = AdapterBank(base)
    bank.add("first", one)
    assert torch.equal(BatchDecoder(base, bank, 1, 32).read(0, [5, 6, 7], 0), alone)


def test_a_layer_that_the_base_lacks_is_named():
    base = make("Llama")
    with pytest.raises(KeyError, match="no_such"):
        AdapterBank(base).add(
            "x", {"model.no_such": Update(torch.ones(1, 2), torch.ones(2, 1), 1.0)}
        )


def test_an_input_that_belongs_to_no_rows_is_an_error_and_no_wrong_answer():
    _model, one = tuned(1, 4, ["q_proj"])
    base = make("Llama")
    bank = AdapterBank(base)
    bank.add("first", one)
    bank.use(torch.tensor([1, 0]), active=True)
    with pytest.raises(RuntimeError, match="rows"):
        base.model.layers[0].self_attn.q_proj(torch.ones(3, 32))
