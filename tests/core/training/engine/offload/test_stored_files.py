"""Stored tensors by the names that a model has for them."""

import pytest
import torch
from safetensors.torch import save_file

from core.training.engine.offload.stored_files import NamedOtherwise, StoredFiles
from tests.campaigns.families import known
from tests.campaigns.family_models import small_model


@pytest.mark.parametrize(
    ("family", "stored", "name"),
    [
        ("gemma3", "language_model.model.norm.weight", "model.language_model.norm.weight"),
        ("gemma3", "language_model.lm_head.weight", "lm_head.weight"),
        ("gemma3", "model.language_model.norm.weight", "model.language_model.norm.weight"),
        ("qwen3_5_text", "model.language_model.norm.weight", "model.norm.weight"),
        ("granite", "norm.weight", "model.norm.weight"),
        ("granite", "model.norm.bias", None),
    ],
)
def test_names_as_transformers_finds_them(family, stored, name):
    assert NamedOtherwise(small_model(family, known()[family])).of(stored) == name


def test_what_may_be_left_and_what_fits():
    named = NamedOtherwise(small_model("qwen3_5_text", known()["qwen3_5_text"]))
    assert named.may_be_left("mtp.norm.weight") and named.may_be_left("a.rotary_emb.inv_freq")
    assert not named.may_be_left("model.norm.bias")
    assert named.fits("model.norm.weight", torch.Size([64]))
    assert not named.fits("model.norm.weight", torch.Size([63]))


def test_tensors_are_read_one_at_a_time(tmp_path):
    tensors = {"a.weight": torch.ones(2), "a.weight.absmax": torch.zeros(3)}
    save_file(tensors, tmp_path / "model.safetensors")
    files = StoredFiles(tmp_path)
    assert list(files.weights()) == ["a.weight"]
    assert list(files.parts_of("a.weight")) == ["a.weight.absmax"]
    assert torch.equal(files.read("a.weight"), torch.ones(2))
