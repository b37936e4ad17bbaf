import json
import shutil

import pytest

from core.chat.packing import Row, collate
from core.chat.tokens import encode, render_prompt
from core.config.training import ALL_LINEARS, TrainingConfig
from core.data.example import Example, Message, Source
from core.errors import UserFacingError
from core.models.config import SUPPORTED
from core.models.inspection import inspect_model
from core.models.loading import (
    PLAIN_TEMPLATE,
    PLAIN_TEMPLATE_WITH_BOS,
    count_parameters,
    load_base,
    load_tokenizer,
)
from tests.core.models.folders import make_family

LINEARS = (*ALL_LINEARS, "qkv_proj", "gate_up_proj")  # Phi 3 has fewer and larger ones


def refused(action, *arguments):
    with pytest.raises(UserFacingError) as refusal:
        action(*arguments)
    return refusal.value.code


def test_a_model_without_a_template_gets_a_plain_one(tiny_model, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(tiny_model, bare)
    (bare / "chat_template.jinja").unlink()
    tokenizer = load_tokenizer(bare)
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}], tokenize=False
    )
    assert text == f"### User:\nQ\n\n### Answer:\nA{tokenizer.eos_token}\n\n"


def changed(path, **values):
    content = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({name: value for name, value in content.items() if value}))


@pytest.mark.parametrize("named", [True, False])
def test_a_base_that_begins_every_text_with_a_token_does_so_in_the_plain_template(
    tiny_model, tmp_path, named
):
    """Without it such a base hardly knows its own language."""
    bare = shutil.copytree(tiny_model, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    begins = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {
            "<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}
        },
    }
    changed(bare / "tokenizer.json", post_processor=begins)
    if not named:
        changed(bare / "tokenizer_config.json", bos_token=None)
    tokenizer = load_tokenizer(bare)
    assert tokenizer.chat_template == PLAIN_TEMPLATE_WITH_BOS
    talk = Example((Message("user", "q"), Message("assistant", "a")), Source("f", 1))
    (text,) = encode(tokenizer, talk).texts
    assert text.ids[:2].count(1) == 1 == text.ids[0]
    assert render_prompt(tokenizer, talk.messages[:1]).startswith("<|im_start|>### User:")


@pytest.mark.parametrize("named", [True, False])
def test_a_tokenizer_without_end_and_pad_gets_what_the_model_names(tiny_model, tmp_path, named):
    base = shutil.copytree(tiny_model, tmp_path / "base")
    changed(base / "tokenizer_config.json", eos_token=None, pad_token=None, bos_token=None)
    if not named:
        for file in ("config.json", "generation_config.json"):
            if (base / file).exists():
                changed(base / file, eos_token_id=None)
    tokenizer = load_tokenizer(base)
    assert tokenizer.eos_token == ("<|im_end|>" if named else "<|endoftext|>")
    assert tokenizer.pad_token == tokenizer.eos_token


def test_a_tokenizer_that_knows_no_end_at_all_can_still_pad(tiny_model, tmp_path):
    base = shutil.copytree(tiny_model, tmp_path / "base")
    nothing = dict.fromkeys(("eos_token", "pad_token", "bos_token"))
    changed(base / "tokenizer_config.json", **nothing)
    content = json.loads((base / "tokenizer.json").read_text())
    (base / "tokenizer.json").write_text(json.dumps({**content, "added_tokens": []}))
    tokenizer = load_tokenizer(base)
    assert tokenizer.eos_token is None
    assert tokenizer.pad_token_id == 0


def test_a_folder_without_a_tokenizer_is_said(tiny_model, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(tiny_model, bare)
    for path in bare.glob("tokenizer*"):
        path.unlink()
    assert refused(load_tokenizer, bare) == "model.no_tokenizer"


def test_weights_that_cannot_be_loaded_are_said(tmp_path):
    assert refused(load_base, tmp_path, "none", "cpu") == "model.cannot_load"


def test_four_bits_count_as_whole_parameters(tiny_model):
    plain = load_base(tiny_model, "none", "cpu")
    packed = load_base(tiny_model, "nf4", "cpu")
    assert count_parameters(packed) == count_parameters(plain)
    assert count_parameters(plain)[0] == 0


@pytest.mark.parametrize("values", [{"pad_token_id": 1e400}, {"hidden_act": "x"}])
def test_strange_values_of_a_config_are_refused_in_words(tiny_model, tmp_path, values):
    folder = shutil.copytree(tiny_model, tmp_path / "strange")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **values}))
    assert refused(load_base, folder, "none", "cpu") == "model.cannot_load"


def test_the_number_type_in_a_config_is_never_evaluated(tiny_model, tmp_path):
    import torch

    folder = shutil.copytree(tiny_model, tmp_path / "strange")
    config = json.loads((folder / "config.json").read_text())
    evil = f"open({str(tmp_path / 'canary')!r}, 'w')"
    (folder / "config.json").write_text(json.dumps({**config, "dtype": evil}))
    assert load_base(folder, "none", "cpu").dtype == torch.bfloat16
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model.layers.0.mlp.up_proj.weight", None),
        ("model.layers.0.input_layernorm.weight", None),
        ("model.layers.7.mlp.up_proj.weight", "model.norm.weight"),
        ("model.layers.0.mlp.up_proj.weight", "model.norm.weight"),
    ],
)
@pytest.mark.parametrize("quantisation", ["nf4", "none"])
def test_the_library_makes_no_weight_up_and_drops_none(
    tiny_model, tmp_path, name, value, quantisation
):
    """Also where nobody has looked at the headers before."""
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny_model, tmp_path / "gap")
    tensors = load_file(folder / "model.safetensors")
    if value is None:
        del tensors[name]
    else:
        tensors[name] = tensors[value].clone()
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserFacingError) as refusal:
        load_base(folder, quantisation, "cpu")
    assert name in refusal.value.what + refusal.value.details


def test_a_base_under_an_adapter_computes_what_it_computes_alone(sample_model):
    """To the bit, in every order and mode: bitsandbytes may not rearrange the weights between."""
    import torch

    from core.training.adapter import add_adapter

    ids = torch.tensor([[1, 520, 9531, 198, 1780, 28, 346, 2]])

    def logits(model, *, grad):
        with torch.set_grad_enabled(grad):
            return model(input_ids=ids, use_cache=False).logits.detach()

    alone = logits(load_base(sample_model, "nf4", "cpu").eval(), grad=False)
    model = add_adapter(load_base(sample_model, "nf4", "cpu"), TrainingConfig(rank=4))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, 0, 0.02)
    for training in (True, False):
        for grad in (True, False):
            model.train(training)
            with model.disable_adapter():
                assert torch.equal(logits(model, grad=grad), alone)
            assert not torch.equal(logits(model, grad=grad), alone)


def test_a_full_memory_is_not_the_models_fault(tiny_model, monkeypatch):
    import torch
    from transformers import AutoModelForCausalLM

    def full(*_arguments, **_options):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", full)
    with pytest.raises(torch.OutOfMemoryError):
        load_base(tiny_model, "none", "cpu")


@pytest.mark.parametrize("quantisation", ["nf4", "none"])
@pytest.mark.parametrize("architecture", SUPPORTED)
def test_every_supported_family_is_loaded_and_takes_a_training_step(
    tmp_path, architecture, quantisation
):
    import torch

    from core.training.adapter import add_adapter
    from core.training.loss import TrainingLoss

    folder = make_family(tmp_path / "base", architecture)
    facts = inspect_model(folder)
    assert (facts.architecture, facts.shape.layers) == (architecture, 3)
    config = TrainingConfig(rank=4, alpha=8, quantisation=quantisation, targets=LINEARS)
    model = add_adapter(load_base(folder, quantisation, "cpu"), config).train()
    loss = TrainingLoss(model, config, "cpu")
    rows = [Row(ids, ids) for ids in ([5, 90, 7, 30, 11] * 4, [8, 9, 60], [7, 60, 2, 5])]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    before, tokens = loss(collate(rows))
    alone = torch.cat([loss(collate([row]))[1] for row in rows])
    assert torch.allclose(tokens, alone, atol=0.02)  # no example sees another one
    before.backward()
    optimizer.step()
    assert loss(collate(rows))[0] < before


def test_how_answers_are_made_is_not_the_models_to_say(tiny_model, tmp_path):
    greedy = tmp_path / "greedy"
    shutil.copytree(tiny_model, greedy)
    stored = json.loads((greedy / "generation_config.json").read_text())
    values = {"num_beams": 4000, "num_return_sequences": 4000, "min_new_tokens": 10**6}
    values |= {"cache_implementation": "offloaded", "prompt_lookup_num_tokens": 4}
    (greedy / "generation_config.json").write_text(json.dumps({**stored, **values}))
    config = load_base(greedy, "none", "cpu").generation_config
    usual = load_base(tiny_model, "none", "cpu").generation_config
    assert config.eos_token_id == usual.eos_token_id
    assert config.to_diff_dict() == usual.to_diff_dict()
    assert config.num_beams in (None, 1)


def test_a_tokenizer_that_only_its_own_code_could_load_is_refused_unasked(
    tiny_model, tmp_path, monkeypatch
):
    folder = shutil.copytree(tiny_model, tmp_path / "m")
    path, canary = folder / "tokenizer_config.json", tmp_path / "ran"
    code = {"auto_map": {"AutoTokenizer": [None, "evil.Evil"]}, "tokenizer_class": "Evil"}
    path.write_text(json.dumps(json.loads(path.read_text()) | code))
    (folder / "evil.py").write_text(f"open({str(canary)!r}, 'w')\nclass Evil: pass\n")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "nobodys"}))

    monkeypatch.setattr("builtins.input", lambda *_: "y")
    with pytest.raises(UserFacingError) as refusal:
        load_tokenizer(folder)
    assert refusal.value.code == "model.no_tokenizer"
    assert not canary.exists()
