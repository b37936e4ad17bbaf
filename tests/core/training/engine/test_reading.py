"""Which models the engine takes, and the sentence for those it does not."""

import pytest
import torch
from torch import nn

from core.training.engine.reading import read, supports


@pytest.mark.parametrize("family", ["Llama", "Mistral", "Qwen2", "Qwen3", "Gemma"])
def test_families_with_layers_of_this_form_are_taken(tiny, family):
    assert supports(tiny(family)) == (True, "")


def test_what_is_read_is_what_peft_trains(tiny):
    model = tiny(targets=["q_proj", "v_proj", "down_proj"])
    found = {id(p) for layer in read(model).layers for p in layer.parameters()}
    assert found == {id(p) for p in model.parameters() if p.requires_grad}
    assert len(found) == 3 * 3 * 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"family": "GPTNeoX", "targets": ["query_key_value"]}, "family “gpt_neox”"),
        ({"hidden_act": "relu"}, "activation “relu”"),
        ({"attention_dropout": 0.1}, "without dropout inside the base"),
        ({"lora": {"lora_dropout": 0.05}}, "without LoRA dropout"),
        ({"lora": {"use_dora": True}}, "without DoRA"),
        ({"lora": {"modules_to_save": ["embed_tokens"]}}, "cannot train “model.embed_tokens"),
        ({"lora": {"modules_to_save": ["lm_head"]}}, "output head is not a plain"),
    ],
)
def test_others_are_refused_with_a_reason(tiny, changes, sentence):
    changes = dict(changes)
    if changes.get("family") == "GPTNeoX":
        changes["num_key_value_heads"] = 4
    supported, reason = supports(tiny(**changes, dtype=torch.float32))
    assert not supported
    assert sentence in reason


def test_a_model_without_adapter_is_refused():
    assert supports(nn.Linear(2, 2)) == (False, "The model carries no LoRA adapter.")


def test_a_merged_adapter_is_refused(tiny):
    model = tiny(dtype=torch.float32)
    model.merge_adapter()
    assert supports(model) == (False, "The adapter is merged into the base model.")
