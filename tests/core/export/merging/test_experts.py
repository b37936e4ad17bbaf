"""Mixtures of experts with their adapter worked in, whichever way their files hold experts."""

import copy

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserFacingError
from core.export.merging.check import wrong_tensor
from core.export.merging.merge import Merge
from core.models.experts.modules import experts_of, matrices
from core.models.experts.packing import PackedExperts
from core.training.adapter import add_adapter, save_adapter
from tests.campaigns.families import CONFIG, known
from tests.campaigns.family_models import CHANGES, GEMMA_4_EXPERTS, small_model

FAMILIES = ["qwen3_moe", "mixtral", "gpt_oss", "gemma4_text", "olmoe"]
SMALL = CONFIG.with_values({"rank": 8, "alpha": 12})


def ignore(_done, _total):
    pass


@pytest.fixture(params=FAMILIES)
def made(request, tmp_path, monkeypatch):
    """A base in 32 bits as transformers saves it, an adapter of it, and the model with both."""
    monkeypatch.setitem(CHANGES, "gemma4_text", GEMMA_4_EXPERTS)
    family = request.param
    base = small_model(family, known()[family]).eval().requires_grad_(False)
    base.save_pretrained(tmp_path / "base")
    tuned = add_adapter(copy.deepcopy(base), SMALL)
    dice = torch.Generator().manual_seed(5)
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:
            parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.05)
    (tmp_path / "adapter").mkdir()
    save_adapter(tuned, tmp_path / "adapter")
    return base, tuned, tmp_path


def loaded(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", experts_implementation="eager"
    ).eval()


def merged(place, onto="original"):
    target = place / onto
    target.mkdir()
    Merge(place / "base", place / "adapter", onto, "cpu").write(target, ignore)
    return target


def test_the_merged_model_gives_the_logits_of_the_tuned_one(made):
    base, tuned, place = made
    target = merged(place)
    ids = torch.randint(5, 250, (1, 40), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before, wanted, found = (
            model(input_ids=ids, use_cache=False).logits for model in (base, tuned, loaded(target))
        )
    assert torch.allclose(found, wanted, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(before, wanted, atol=1e-2)
    assert sorted(load_file(target / "model.safetensors")) == sorted(
        load_file(place / "base" / "model.safetensors")
    )
    merge = Merge(place / "base", place / "adapter", "original", "cpu")
    assert not wrong_tensor(merge, target, ignore)


def test_a_damaged_expert_is_noticed(made):
    _, _, place = made
    target = merged(place)
    weights = load_file(target / "model.safetensors")
    name = next(name for name in sorted(weights) if ".experts." in name and "bias" not in name)
    weights[name].view(-1)[3] += 0.1
    save_file(weights, target / "model.safetensors", {"format": "pt"})
    merge = Merge(place / "base", place / "adapter", "original", "cpu")
    assert wrong_tensor(merge, target, ignore) == name


def test_experts_are_packed_as_the_loaded_model_packs_them(made):
    base, _, place = made
    adapter = load_file(place / "adapter" / "adapter_model.safetensors")
    for name in adapter:
        if "lora_B" in name:
            adapter[name].zero_()
    save_file(adapter, place / "adapter" / "adapter_model.safetensors")
    target = merged(place, "unpacked")
    for (_, mine), (_, theirs) in zip(experts_of(loaded(target)), experts_of(base), strict=True):
        for name in matrices(theirs):
            left = PackedExperts.of(getattr(theirs, name).bfloat16()).unpacked()
            assert torch.equal(getattr(mine, name), left.float())
    merge = Merge(place / "base", place / "adapter", "unpacked", "cpu")
    assert not wrong_tensor(merge, target, ignore)


def test_an_adapter_of_other_experts_is_refused(made):
    _, _, place = made
    path = place / "adapter" / "adapter_model.safetensors"
    adapter = load_file(path)
    name = next(n for n in sorted(adapter) if ".experts." in n and "lora_A" in n)
    adapter[name] = adapter[name][:, :-1].contiguous()
    save_file(adapter, path)
    with pytest.raises(UserFacingError) as caught:
        merged(place)
    assert caught.value.code == "export.cannot_merge"
