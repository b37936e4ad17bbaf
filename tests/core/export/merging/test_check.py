"""Every tensor is looked at: what KL on a few hundred tokens misses is still found."""

import torch
from safetensors.torch import load_file, save_file

from core.export.merging.check import wrong_tensor
from core.export.merging.merge import Merge


def ignore(_done: int, _total: int) -> None:
    pass


def test_a_sound_merge_has_no_wrong_tensor(walked, adapter, sound):
    assert wrong_tensor(Merge(walked.base, adapter, "unpacked", "cpu"), sound, ignore) == ""


def test_the_other_way_of_merging_is_noticed(walked, adapter, sound):
    assert wrong_tensor(Merge(walked.base, adapter, "original", "cpu"), sound, ignore)


def test_two_swapped_rows_are_named(walked, adapter, sound):
    path, name = sound / "model.safetensors", "model.layers.1.self_attn.o_proj.weight"
    weights = load_file(path)
    order = torch.arange(len(weights[name]))
    order[[3, 9]] = order[[9, 3]]
    weights[name] = weights[name][order].contiguous()
    save_file(weights, path, {"format": "pt"})
    assert wrong_tensor(Merge(walked.base, adapter, "unpacked", "cpu"), sound, ignore) == name
