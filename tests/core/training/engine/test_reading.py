"""Which models the engine takes, and the sentence for those it does not."""

import pytest
import torch
from torch import nn

from core.training.engine.families import refusal
from core.training.engine.reading import read, supports


@pytest.mark.parametrize(
    "family", ["Llama", "Mistral", "Qwen2", "Qwen3", "Phi3", "Gemma", "Gemma3"]
)
def test_families_with_layers_of_this_form_are_taken(tiny, family):
    targets = ["qkv_proj", "down_proj"] if family == "Phi3" else None
    model = tiny(family, targets=targets)
    assert supports(model) == (True, "")
    assert refusal(model.config) == ""


@pytest.mark.parametrize(
    ("family", "changes", "windows"),
    [
        ("Llama", {"sliding_window": 8}, [None] * 3),  # transformers ignores it, too
        ("Mistral", {"sliding_window": 8}, [8] * 3),
        ("Mistral", {"sliding_window": None}, [None] * 3),
        ("Phi3", {"sliding_window": 8}, [8] * 3),
        ("Qwen2", {"sliding_window": 8}, [None] * 3),
        (
            "Qwen3",
            {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 2},
            [None, None, 8],
        ),
        ("Gemma3", {"sliding_window": 8}, [8, None, 8]),
    ],
)
def test_each_layer_has_the_window_that_transformers_gives_it(tiny, family, changes, windows):
    layers = read(tiny(family, targets=["o_proj"], **changes)).layers
    assert [layer.heads.window for layer in layers] == windows


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
        ({"family": "Gemma2", "attn_implementation": "eager"}, "does not cap scores"),
        ({"family": "Gemma3", "final_logit_softcapping": 30.0}, "does not cap scores"),
        ({"family": "Gemma3", "use_bidirectional_attention": True}, "from left to right"),
        ({"family": "Gemma3", "hidden_activation": "gelu"}, "activation “gelu”"),
        ({"family": "Qwen3", "layer_types": ["chunked_attention"] * 3}, "“chunked_attention”"),
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
    model = tiny(**changes, dtype=torch.float32)
    supported, reason = supports(model)
    assert not supported
    assert sentence in reason
    assert refusal(model.config) == ("" if "lora" in changes else reason)  # known before loading


def test_a_model_without_adapter_is_refused():
    assert supports(nn.Linear(2, 2)) == (False, "The model has no LoRA adapter.")


def test_a_merged_adapter_is_refused(tiny):
    model = tiny(dtype=torch.float32)
    model.merge_adapter()
    assert supports(model) == (False, "The adapter is merged into the base model.")
