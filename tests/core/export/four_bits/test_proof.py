"""A tensor that is not the merged model's is noticed."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.export.four_bits.checkpoint import Checkpoint
from core.export.four_bits.proof import wrong_layer
from core.export.four_bits.solver import rounded
from core.storage.files import read_json, write_json

START = "model.layers.0.up"


@pytest.fixture
def pair(tmp_path):
    torch.manual_seed(3)
    merged, folder = tmp_path / "merged", tmp_path / "packed"
    merged.mkdir()
    folder.mkdir()
    weight = torch.randn(32, 64).bfloat16()
    norm = torch.ones(64, dtype=torch.bfloat16)
    save_file({f"{START}.weight": weight, "norm.weight": norm}, merged / "model.safetensors")
    write_json(merged / "config.json", {})
    part = {"up": rounded(weight, torch.eye(64), 32, torch.bfloat16)}
    names = {"up": f"{START}.weight"}
    Checkpoint(merged, names, [], 32, 1).write(folder, [part], lambda _done, _total: None)
    return merged, folder


def change(folder, name, edit):
    place = read_json(folder / "model.safetensors.index.json")["weight_map"][name]
    stored = load_file(folder / place)
    stored[name] = edit(stored[name])
    save_file({n: t.contiguous() for n, t in stored.items() if t is not None}, folder / place)


def said(pair):
    return wrong_layer(*pair, lambda: None)


def test_a_sound_folder_is_right(pair):
    assert said(pair) == ""


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        (f"{START}.weight_packed", lambda t: t[torch.randperm(len(t))]),
        (f"{START}.weight_packed", lambda t: t.flip(1)),
        (f"{START}.weight_scale", lambda t: t * 2),
        (f"{START}.weight_scale", lambda t: t.flip(0) * torch.nan),
    ],
)
def test_rows_blocks_and_scales_that_are_exchanged_are_noticed(pair, name, edit):
    change(pair[1], name, edit)
    assert said(pair) == f"{START}.weight"


def test_a_changed_tensor_beside_the_packed_ones_is_noticed(pair):
    change(pair[1], "norm.weight", lambda t: t + 1 / 128)
    assert said(pair) == "norm.weight"


def test_a_tensor_too_many_or_too_few_is_noticed(pair):
    change(pair[1], "norm.weight", lambda _t: None)
    assert said(pair) == "norm.weight"
