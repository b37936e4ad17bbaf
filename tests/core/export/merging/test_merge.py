"""What is written is the base with the adapter added, and nothing else of it is changed."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserFacingError
from core.export.merging.merge import Merge, four_bits_of, touched_tensors, updates_of
from core.models.weights import Tensor
from core.storage.files import read_json


def ignore(_done: int, _total: int) -> None:
    pass


def test_the_sum_is_what_peft_computes(walked, adapter, tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    Merge(walked.base, adapter, "original", "cpu").write(tmp_path, ignore)
    base = AutoModelForCausalLM.from_pretrained(walked.base, dtype=torch.float32)
    theirs = PeftModel.from_pretrained(base, adapter).merge_and_unload().state_dict()
    for name, ours in load_file(tmp_path / "model.safetensors").items():
        assert torch.equal(ours, theirs[name].to(torch.bfloat16)), name


def test_unpacked_weights_are_those_that_were_trained_on(walked, tuned):

    layer = tuned.model.get_base_model().model.layers[1].mlp.up_proj.base_layer
    loaded = layer.weight  # written out from 4 bits, on a processor
    stored = load_file(walked.base / "model.safetensors")["model.layers.1.mlp.up_proj.weight"]
    assert torch.equal(four_bits_of(stored, "cpu"), loaded)


def test_shards_keep_their_names_and_the_index_finds_everything(walked, adapter, tmp_path):
    base, target = tmp_path / "base", tmp_path / "merged"
    base.mkdir(), target.mkdir()
    weights = load_file(walked.base / "model.safetensors")
    names, places = sorted(weights), {}
    for number, chosen in enumerate((names[:7], names[7:])):
        file = f"model-0000{number + 1}-of-00002.safetensors"
        save_file({name: weights[name] for name in chosen}, base / file, {"format": "pt"})
        places |= dict.fromkeys(chosen, file)
    (base / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    (base / "config.json").write_bytes((walked.base / "config.json").read_bytes())
    Merge(base, adapter, "original", "cpu").write(target, ignore)
    assert read_json(target / "model.safetensors.index.json")["weight_map"] == places
    whole = {}
    for file in set(places.values()):
        whole |= load_file(target / file)
    Merge(walked.base, adapter, "original", "cpu").write(tmp_path, ignore)
    single = load_file(tmp_path / "model.safetensors")
    assert all(torch.equal(single[name], whole[name]) for name in names)


def test_a_base_stored_in_four_bits_becomes_an_ordinary_one(walked, adapter, tmp_path):
    from core.models.loading import load_base

    packed, target = tmp_path / "packed", tmp_path / "merged"
    target.mkdir()
    load_base(walked.base, "nf4", "cpu").save_pretrained(packed)
    Merge(packed, adapter, "unpacked", "cpu").write(target, ignore)
    Merge(walked.base, adapter, "unpacked", "cpu").write(tmp_path, ignore)
    expected = load_file(tmp_path / "model.safetensors")
    found = load_file(target / "model.safetensors")
    assert "quantization_config" not in read_json(target / "config.json")
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_files_may_name_a_part_otherwise(adapter):
    updates = updates_of(adapter)
    stored = {
        "language_model." + name + ".weight": Tensor("BF16", (u.up.shape[0], u.down.shape[1]))
        for name, u in updates.items()
    }
    assert touched_tensors(updates, stored).keys() == stored.keys()
    twice = stored | {name.replace("language", "vision"): t for name, t in stored.items()}
    for wrong in ({}, twice, dict.fromkeys(stored, Tensor("BF16", (1, 1)))):
        with pytest.raises(UserFacingError) as refusal:
            touched_tensors(updates, wrong)
        assert refusal.value.code == "export.cannot_merge"


def test_weights_of_8_bits_are_not_merged_into(adapter):
    updates = updates_of(adapter)
    stored = {
        f"{name}.weight": Tensor("F8_E4M3", (u.up.shape[0], u.down.shape[1]))
        for name, u in updates.items()
    }
    with pytest.raises(UserFacingError) as refusal:
        touched_tensors(updates, stored)
    assert refusal.value.code == "export.cannot_merge"
