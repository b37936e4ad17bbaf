"""What is really in the weights: told apart by samples, looked at for faults, remembered."""

import json
import os
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.errors import UserFacingError
from core.models import contents
from core.models.contents import contents_of, require_contents, require_sound
from core.models.inspection import inspect_model
from tests.core.models.folders import CONFIG, make_model

WEIGHTS = "model.safetensors"
UP = "model.layers.0.mlp.up_proj.weight"
NORM = "model.layers.1.input_layernorm.weight"


@pytest.fixture
def folder(tmp_path):
    return make_model(tmp_path / "base")


def rewrite(folder, change, name=WEIGHTS):
    tensors = load_file(folder / name)
    change(tensors)
    save_file(tensors, folder / name)


def refused(folder):
    with pytest.raises(UserFacingError) as refusal:
        require_sound(inspect_model(folder))
    return refusal.value


def test_other_numbers_under_the_same_header_are_another_content(folder, tmp_path):
    before = inspect_model(folder)
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert contents_of(inspect_model(copy)) == contents_of(before)
    rewrite(folder, lambda t: t.update({UP: t[UP][::-1].copy()}))
    after = inspect_model(folder)
    assert after.fingerprint == before.fingerprint
    assert contents_of(after) != contents_of(inspect_model(copy))


def test_every_tensor_counts_even_the_smallest(folder):
    before = contents_of(inspect_model(folder))
    rewrite(folder, lambda t: t[NORM].__setitem__(0, 3))
    assert contents_of(inspect_model(folder)) != before


def test_a_swap_that_keeps_size_and_time_is_noticed(folder):
    before = contents_of(inspect_model(folder))
    stamp = (folder / WEIGHTS).stat()
    rewrite(folder, lambda t: t.update({UP: -t[UP]}))
    os.utime(folder / WEIGHTS, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert contents_of(inspect_model(folder)) != before


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("tokenizer.json", '{"other": 1}', False),
        ("chat_template.jinja", "{{ messages }}", False),
        ("config.json", json.dumps({**CONFIG, "rope_theta": 5.0}), False),
        ("config.json", json.dumps({**CONFIG, "transformers_version": "9"}, indent=3), True),
        ("README.md", "Hello.", True),
    ],
)
def test_what_the_numbers_are_used_with_counts_too(folder, name, text, same):
    before = contents_of(inspect_model(folder))
    (folder / name).write_text(text)
    assert (contents_of(inspect_model(folder)) == before) is same


def test_an_adapter_on_another_base_is_refused(folder):
    facts = inspect_model(folder)
    require_contents(facts, "")
    require_contents(facts, contents_of(facts))
    before = contents_of(facts)
    rewrite(folder, lambda t: t.update({UP: -t[UP]}))
    with pytest.raises(UserFacingError) as refusal:
        require_contents(inspect_model(folder), before)
    assert refusal.value.code == "model.changed"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [UP, NORM, "model.embed_tokens.weight"])
def test_a_value_that_is_no_number_is_the_bases_fault(folder, name, value):
    rewrite(folder, lambda t: t[name].reshape(-1).__setitem__(-1, value))
    error = refused(folder)
    assert error.code == "model.not_finite"
    assert name in error.what


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
def test_every_kind_of_number_is_understood(folder, dtype):
    import torch
    from safetensors import torch as st

    tensors = {n: t.to(getattr(torch, dtype)) for n, t in st.load_file(folder / WEIGHTS).items()}
    tensors[UP][0, 0] = torch.finfo(tensors[UP].dtype).max
    st.save_file(tensors, folder / WEIGHTS)
    require_sound(inspect_model(folder))
    tensors[UP][0, 0] = torch.nan
    st.save_file(tensors, folder / WEIGHTS)
    assert refused(folder).code == "model.not_finite"


@pytest.mark.parametrize("prefix", ["model.layers.1.", "model.embed_tokens", "model."])
def test_zeros_where_a_layer_should_be_are_a_download_that_broke(folder, prefix):
    def zero(tensors):
        for name in tensors:
            if name.startswith(prefix):
                tensors[name] = np.zeros_like(tensors[name])

    rewrite(folder, zero)
    assert refused(folder).code == "model.empty"


def test_one_weight_of_zeros_may_be_meant(folder):
    rewrite(folder, lambda t: t.update({UP: np.zeros_like(t[UP])}))
    require_sound(inspect_model(folder))


def test_a_shared_head_that_is_stored_must_be_the_embedding(folder):
    embedding = "model.embed_tokens.weight"
    rewrite(folder, lambda t: t.update({"lm_head.weight": t[embedding].copy()}))
    require_sound(inspect_model(folder))
    rewrite(folder, lambda t: t["lm_head.weight"].__setitem__((0, 0), 7))
    error = refused(folder)
    assert error.code == "model.mismatch"
    assert "lm_head.weight" in error.what


def test_what_was_found_is_remembered_until_a_file_changes(folder, monkeypatch):
    facts = inspect_model(folder)
    digest = contents_of(facts)
    require_sound(facts)
    monkeypatch.setattr(contents, "read_header", None)  # nothing is read again
    assert contents_of(facts) == digest
    require_sound(facts)
    monkeypatch.undo()
    rewrite(folder, lambda t: t[UP].__setitem__((0, 0), np.nan))
    assert refused(folder).code == "model.not_finite"
