import pytest

from core.errors import UserFacingError
from core.models import sample
from core.models.inspection import inspect_model
from core.storage.files import read_json
from core.storage.transaction import verify_folder


def silent(_phase, _done, _total):
    pass


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_HOME", str(tmp_path))
    return tmp_path


def test_the_made_folder_is_whole_and_is_the_known_model(sample_model):
    verify_folder(sample_model)
    facts = inspect_model(sample_model)
    assert facts.licence == "apache-2.0"
    assert facts.has_chat_template
    assert read_json(sample_model / "config.json")["num_hidden_layers"] == 30


def test_the_model_knows_the_capital_of_france(sample_model, tokenizer):
    from core.chat.tokens import render_prompt
    from core.data.example import Message
    from core.generation.answers import generate
    from core.models.loading import load_base

    model = load_base(sample_model, "none", "cpu")
    prompt = render_prompt(tokenizer, [Message("user", "What is the capital of France?")])
    (answer,) = generate(model, tokenizer, [prompt], max_new_tokens=12)
    assert "Paris" in answer


def test_the_weights_equal_those_of_transformers_own_reader(sample_model):
    """Two independent readers of the same file: the gguf package here, transformers there."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, GgufConfig

    source = sample.packaged_gguf()
    reference = AutoModelForCausalLM.from_pretrained(
        str(source.parent),
        gguf_file=source.name,
        dtype=torch.float32,
        quantization_config=GgufConfig(dequantize=True),
    ).state_dict()
    ours = load_file(sample_model / "model.safetensors")
    for name, values in ours.items():
        assert torch.equal(values, reference[name].to(torch.bfloat16)), name
    assert set(reference) - set(ours) <= {"lm_head.weight"}


def test_digits_are_single_tokens(tokenizer):
    assert tokenizer.tokenize("12345") == ["1", "2", "3", "4", "5"]


def test_a_damaged_file_is_refused(tmp_path):
    wrong = tmp_path / sample.GGUF_NAME
    wrong.write_bytes(b"GGUF but not ours")
    with pytest.raises(UserFacingError) as refusal:
        sample.build(wrong, tmp_path / "out", silent)
    assert refusal.value.code == "sample.wrong_file"
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setattr(sample, "PACKAGE", "no_such_package_installed")
    with pytest.raises(UserFacingError) as refusal:
        sample.packaged_gguf()
    assert refusal.value.code == "sample.not_installed"


def test_it_is_not_ready_before_it_was_made(home):
    assert not sample.is_ready()
    assert sample.sample_model_folder().is_relative_to(home)


@pytest.mark.parametrize(
    ("gguf", "hub"),
    [
        ("token_embd.weight", "model.embed_tokens.weight"),
        ("output_norm.weight", "model.norm.weight"),
        ("blk.12.attn_output.weight", "model.layers.12.self_attn.o_proj.weight"),
        ("blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"),
    ],
)
def test_names(gguf, hub):
    assert sample.hub_name(gguf) == hub
