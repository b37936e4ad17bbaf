"""Which families transformers has classes for, without loading it."""

import json

from core.models.families.table import is_native, needs_all_scores
from tests.family_table import FILE, known_to_transformers


def test_the_table_is_that_of_the_installed_transformers():
    """Otherwise: python -m tests.family_table."""
    assert json.loads(FILE.read_bytes()) == known_to_transformers()


def test_a_class_belongs_to_its_family():
    assert is_native("gpt2", "GPT2LMHeadModel")
    assert is_native("internlm3", "InternLM3ForCausalLM")  # its maker's name for it
    assert not is_native("llama", "MambaForCausalLM")
    assert not is_native("llama", "LlamaForSequenceClassification")
    assert not is_native("bert", "BertLMHeadModel")


def test_attention_that_holds_every_score_is_known():
    assert needs_all_scores("gemma2") and needs_all_scores("bloom")
    assert not needs_all_scores("llama") and not needs_all_scores("nobody")
