"""Which layers get an adapter, and what share of the weights they are."""

import pytest

from core.config.training import ALL_LINEARS
from core.training.targets import decoder_of, targets_of
from tests.campaigns.family_models import make_model


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    from core.models.loading import load_base

    def loaded(model_type, class_name):
        folder = make_model(model_type, class_name, tmp_path_factory.mktemp("m") / model_type)
        return load_base(folder, "nf4", "cpu")

    return loaded


def test_other_names_of_layers_are_found(load):
    base = load("gpt2", "GPT2LMHeadModel")
    assert targets_of(base, ("q_proj",)) == ["c_attn", "c_fc", "c_proj"]
    assert targets_of(base, ALL_LINEARS) == ["c_attn", "c_fc", "c_proj"]
    assert targets_of(base, ("c_attn",)) == ["c_attn"]


def test_layers_that_llama_does_not_have_are_adapted_too(load):
    base = load("glm4", "Glm4ForCausalLM")
    targets = targets_of(base, ALL_LINEARS)
    assert "gate_up_proj" in targets and "lm_head" not in targets
    decoder = decoder_of(base)
    assert decoder.share(decoder.linears) == 1
    chosen = [name for name in decoder.linears if "gate_up" not in name]
    assert 0 < decoder.share(chosen) < 0.8


def test_towers_get_no_adapter(load):
    from core.training.adapter import add_adapter
    from tests.campaigns.families import CONFIG

    base = load("gemma3", "Gemma3ForConditionalGeneration")
    model = add_adapter(base, CONFIG)
    adapted = {name for name, _ in model.named_parameters() if "lora_" in name}
    assert adapted and all(".language_model.layers." in name for name in adapted)
    decoder = decoder_of(model.get_base_model())
    assert decoder.name == "model.language_model.layers"
