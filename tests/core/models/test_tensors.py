"""The tensors that a config asks for are those that transformers makes; others are refused."""

import json
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from core.errors import UserFacingError
from core.models.config import SUPPORTED, ModelConfig
from core.models.inspection import inspect_model
from core.models.tensors import expected_tensors
from tests.core.models.folders import FAMILY_CHANGES, FAMILY_SIZES, make_model

UP = "model.layers.0.mlp.up_proj.weight"
WEIGHTS = "model.safetensors"


def changed(tmp_path: Path, change, **config) -> str:
    """Return what is said about a model whose tensors were changed; ``""`` if nothing is."""
    folder = make_model(tmp_path / "model", **config)
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)
    try:
        inspect_model(folder)
    except UserFacingError as error:
        assert error.code == "model.mismatch"
        return error.what
    return ""


@pytest.mark.parametrize("biases", [{}, {"attention_bias": True, "mlp_bias": True}])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("architecture", SUPPORTED)
def test_every_family_has_the_tensors_that_transformers_gives_it(architecture, tied, biases):
    import torch
    import transformers

    model_class = getattr(transformers, architecture)
    changes = FAMILY_CHANGES.get(architecture, {}) | biases
    values = {**FAMILY_SIZES, **changes, "tie_word_embeddings": tied}
    config = model_class.config_class(**values)
    with torch.device("meta"):
        model = model_class(config)
    theirs = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    if tied:
        theirs.pop("lm_head.weight", None)
    ours = expected_tensors(ModelConfig.model_validate(json.loads(config.to_json_string())))
    assert ours == theirs


@pytest.mark.parametrize("architecture", SUPPORTED)
def test_a_config_that_leaves_usual_values_out_means_the_same(architecture):
    """Hub configs often omit what is the family's usual: tied embeddings, the width of a head."""
    import torch
    import transformers

    model_class = getattr(transformers, architecture)
    left_out = {"head_dim", "tie_word_embeddings"}
    values = {k: v for k, v in FAMILY_SIZES.items() if k not in left_out}
    values |= FAMILY_CHANGES.get(architecture, {})
    config = model_class.config_class(**values)
    with torch.device("meta"):
        theirs = {n: tuple(p.shape) for n, p in model_class(config).named_parameters()}
    stated = {**values, "model_type": config.model_type}
    assert expected_tensors(ModelConfig.model_validate(stated)) == theirs


@pytest.mark.parametrize(
    "name",
    [
        UP,
        "model.norm.weight",
        "model.layers.1.input_layernorm.weight",
        "model.layers.1.self_attn.k_proj.weight",
        "model.embed_tokens.weight",
    ],
)
def test_a_missing_tensor_is_named(tmp_path, name):
    assert f"“{name}” is missing" in changed(tmp_path, lambda tensors: tensors.pop(name))


def test_a_head_of_its_own_that_is_missing_is_named(tmp_path):
    said = changed(tmp_path, lambda t: t.pop("lm_head.weight"), tie_word_embeddings=False)
    assert "“lm_head.weight” is missing" in said


def test_a_llama_that_does_not_say_whether_its_head_is_shared_needs_one(tmp_path):
    """transformers takes such a head for one of its own, and fills it with random numbers."""
    folder = make_model(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    del config["tie_word_embeddings"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert "“lm_head.weight” is missing" in refusal.value.what


def test_several_missing_tensors_are_counted(tmp_path):
    def drop(tensors):
        for name in [name for name in tensors if ".layers.1." in name]:
            del tensors[name]

    said = changed(tmp_path, drop)
    assert "and 8 other tensors are missing" in said


@pytest.mark.parametrize(
    "name",
    [
        "model.layers.2.mlp.up_proj.weight",
        "model.layers.0.self_attn.q_norm.weight",
        "model.layers.0.self_attn.q_proj.bias",
        "score.weight",
    ],
)
def test_a_tensor_that_would_be_dropped_is_named(tmp_path, name):
    said = changed(tmp_path, lambda t: t.update({name: t["model.norm.weight"]}))
    assert f"“{name}” is stored" in said


def test_swapped_shapes_are_named(tmp_path):
    def swap(tensors):
        tensors[UP] = tensors[UP].T.copy()

    said = changed(tmp_path, swap)
    assert f"“{UP}” has the shape (32, 48)" in said
    assert "asks for (48, 32)" in said


def test_what_old_checkpoints_store_besides_does_no_harm(tmp_path):
    name = "model.layers.0.self_attn.rotary_emb.inv_freq"
    assert changed(tmp_path, lambda t: t.update({name: t["model.norm.weight"]})) == ""


def test_a_tensor_in_two_files_is_named(tmp_path):
    folder = make_model(tmp_path / "model")
    tensors = load_file(folder / WEIGHTS)
    (folder / WEIGHTS).unlink()
    save_file(tensors, folder / "a.safetensors")
    save_file({UP: tensors[UP]}, folder / "b.safetensors")
    weight_map = {**dict.fromkeys(tensors, "a.safetensors"), UP: "b.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(UserFacingError) as refusal:
        inspect_model(folder)
    assert f"“{UP}” is stored twice" in refusal.value.what
