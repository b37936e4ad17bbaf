"""What a configuration alone says of the engine."""

from types import SimpleNamespace

import transformers

from core.config.engine import FUSED_FAMILIES
from core.training.engine.families import DELTA, kinds, refusal


def test_layers_of_both_kinds_are_known_in_the_family_that_mixes_them():
    config = transformers.Qwen3_5TextConfig(num_hidden_layers=4)
    assert kinds(config) == [DELTA, DELTA, DELTA, "full_attention"]
    assert refusal(config) == ""
    strange = transformers.Qwen3Config(num_hidden_layers=2, layer_types=[DELTA, DELTA])
    assert DELTA in refusal(strange)


def test_of_gemma_4_the_dense_models_are_known():
    config = transformers.Gemma4TextConfig(final_logit_softcapping=30.0)
    assert refusal(config) == ""
    config.use_bidirectional_attention = "vision"  # texts are read from left to right all the same
    assert refusal(config) == ""
    config.use_bidirectional_attention = "all"
    assert "left to right" in refusal(config)
    assert refusal(transformers.Gemma4TextConfig(enable_moe_block=True, num_experts=4))
    assert "cap" in refusal(transformers.Gemma3TextConfig(final_logit_softcapping=30.0))


def test_a_family_without_layers_of_this_form_is_named():
    assert "gpt2" not in FUSED_FAMILIES
    config = SimpleNamespace(model_type="gpt2", hidden_act="silu")
    assert "gpt2" in refusal(config)
